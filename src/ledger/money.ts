/** An amount at every border: 1 to 13 digits, at most two decimals, above zero. */
export const AMOUNT_PATTERN = "^(?!0(\\.0{1,2})?$)(0|[1-9][0-9]{0,12})(\\.[0-9]{1,2})?$";

/** The limit of one account, available plus reserved: 90000000000000000.00. A `bigint` column holds 2 % more. */
export const ACCOUNT_LIMIT_MINOR = 9_000_000_000_000_000_000n;

/**
 * Parses a decimal string into minor units: up to 17 digits, at most two decimals.
 * @throws RangeError where `amount` is not such a string; borders validate before they call it.
 */
export function parseAmount(amount: string): bigint {
  const parts = /^(0|[1-9]\d{0,16})(?:\.(\d{1,2}))?$/.exec(amount);
  if (!parts) throw new RangeError("An amount is a decimal string with at most two decimals");
  return BigInt(parts[1]!) * 100n + BigInt((parts[2] ?? "").padEnd(2, "0"));
}

/** Formats minor units as a decimal string, always with two decimals: `-5n` is `"-0.05"`. */
export function formatAmount(amountMinor: bigint): string {
  const sign = amountMinor < 0n ? "-" : "";
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
