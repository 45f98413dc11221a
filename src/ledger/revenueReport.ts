import { formatCsv } from "./csv.ts";
import type { Total } from "./reports.ts";

/** A service's revenue in a month. `name` is the service's id where it has no name. */
export type RevenueLine = { name: string; totalMinor: bigint };

/** A month's revenue by service. */
export type RevenueReport = Total & { csv: Uint8Array };

/** Formats the lines as CSV, in their order. UTF-8 without BOM, no header. */
export function writeCsv(lines: readonly RevenueLine[]): Uint8Array {
  return Buffer.from(formatCsv(lines.map(({ name, totalMinor }) => [name, totalMinor])), "utf8");
}

/** The total of the lines. */
export function sumUp(lines: readonly RevenueLine[]): bigint {
  return lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}
