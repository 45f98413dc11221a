import { formatAmount } from "./money.ts";

/** A sum over all accounts. */
export type Owed = { availableMinor: bigint; reservedMinor: bigint };

/** The money owed to users before and after a month, and the movements between. Transfers cancel out. */
export type Balances = {
  opening: Owed;
  depositsMinor: bigint;
  withdrawalsMinor: bigint;
  /** Recognized, refunds not deducted. */
  revenueMinor: bigint;
  refundsMinor: bigint;
  closing: Owed;
};

export type BalancesReport = Balances & { csv: Uint8Array; generatedAt: Date };

export function totalOf({ availableMinor, reservedMinor }: Owed): bigint {
  return availableMinor + reservedMinor;
}

/** Closing balances by the movements. They differ from the entries' deltas only in a broken ledger. */
export function expectedClosing({ opening, ...moved }: Balances): bigint {
  return totalOf(opening) + moved.depositsMinor - moved.withdrawalsMinor - moved.revenueMinor + moved.refundsMinor;
}

/** Formats the balances as CSV: a header and one line. UTF-8, with semicolons and line feeds. */
export function writeBalances(month: string, balances: Balances): Uint8Array {
  const { opening, closing, depositsMinor, withdrawalsMinor, revenueMinor, refundsMinor } = balances;
  const columns: Record<string, bigint> = {
    "opening available": opening.availableMinor,
    "opening reserved": opening.reservedMinor,
    deposits: depositsMinor,
    withdrawals: withdrawalsMinor,
    revenue: revenueMinor,
    refunds: refundsMinor,
    "closing available": closing.availableMinor,
    "closing reserved": closing.reservedMinor,
  };
  const header = ["month", ...Object.keys(columns)];
  const line = [month, ...Object.values(columns).map(formatAmount)];
  return Buffer.from(`${header.join(";")}\n${line.join(";")}\n`, "utf8");
}
