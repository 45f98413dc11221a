import { formatCsv } from "./csv.ts";

/** A service's revenue in a month. `name` is the service's id where it has no name. */
export type RevenueLine = { name: string; totalMinor: bigint };

/** A month's revenue at the time `generatedAt`. */
export type RevenueReport = { csv: Uint8Array; totalMinor: bigint; generatedAt: Date };

/** The final report of a month, never changed. `sha256` is the hash of `csv` in hexadecimal. */
export type FrozenReport = RevenueReport & { sha256: string };

/** The report of a month in one of its four states. */
export type MonthReport =
  | ({ status: "final" } & FrozenReport)
  | ({ status: "provisional" } & RevenueReport)
  /** The month is over, its report not frozen yet. */
  | { status: "unclosed" }
  | { status: "future" };

/** Formats the lines as CSV, in their order. UTF-8 without BOM, no header. */
export function writeCsv(lines: readonly RevenueLine[]): Uint8Array {
  return Buffer.from(formatCsv(lines.map(({ name, totalMinor }) => [name, totalMinor])), "utf8");
}

/** The total of the lines. */
export function sumUp(lines: readonly RevenueLine[]): bigint {
  return lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}
