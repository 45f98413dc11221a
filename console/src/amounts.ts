const AMOUNT = /^(0|[1-9]\d{0,12})(\.\d{1,2})?$/;

/** An amount as typed, with a decimal point or a comma, with two decimals. Undefined for other text. */
export function readAmount(text: string): string | undefined {
  const amount = text
    .trim()
    .replaceAll(/[\s\u00a0]/g, "")
    .replace(",", ".");
  return AMOUNT.test(amount) ? fromMinor(toMinor(amount)) : undefined;
}

/** Minor units of an amount like "-12.3". */
export function toMinor(amount: string): bigint {
  const [whole = "0", decimals = ""] = amount.replace("-", "").split(".");
  const minor = BigInt(whole + decimals.padEnd(2, "0").slice(0, 2));
  return amount.startsWith("-") ? -minor : minor;
}

/** The amount of minor units, with two decimals. */
export function fromMinor(minor: bigint): string {
  const digits = `${minor < 0n ? -minor : minor}`.padStart(3, "0");
  return `${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function addAmounts(...amounts: string[]): string {
  return fromMinor(amounts.reduce((sum, amount) => sum + toMinor(amount), 0n));
}
