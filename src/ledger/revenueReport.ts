import { stringify } from "csv-stringify/sync";
import { formatAmount } from "./money.ts";
import type { Total } from "./reports.ts";

/** A service's revenue in a month. `name` is the service's id where it has no name. */
export type RevenueLine = { name: string; totalMinor: bigint };

/** A month's revenue by service. */
export type RevenueReport = Total & { csv: Uint8Array };

/** CSV injection that `escape_formulas` misses: a leading BOM, or a formula after invisible characters. */
const HIDDEN_FORMULA = /^\ufeff|^[\s\p{Cf}]+[=+\-@＝＋－＠]/u;

/** Separators and line breaks of other readers. */
const SEPARATOR = /[,|\t\v\f\u0085\u2028\u2029]/;

/**
 * Formats the lines as CSV, in their order. UTF-8 without BOM, semicolons, no header, one line feed after each line.
 * Names are quoted where RFC 4180 requires it, and where they contain a `SEPARATOR`. A name that a spreadsheet would
 * read as a formula gets an apostrophe in front. Amounts are passed as numbers: as text, the library would escape the
 * sign of a negative one.
 */
export function writeCsv(lines: readonly RevenueLine[]): Uint8Array {
  return Buffer.from(stringifyRows(lines.map(({ name, totalMinor }) => [defuse(name), totalMinor])), "utf8");
}

/** A name as one cell of CSV, quoted and defused as in `writeCsv`. */
export function toCell(name: string): string {
  return stringifyRows([[defuse(name)]]).slice(0, -1);
}

/** The total of the lines. */
export function sumUp(lines: readonly RevenueLine[]): bigint {
  return lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}

function defuse(name: string): string {
  return HIDDEN_FORMULA.test(name) ? `'${name}` : name;
}

function stringifyRows(rows: (string | bigint)[][]): string {
  return stringify(rows, {
    delimiter: ";",
    record_delimiter: "\n",
    quote_record_delimiter: true,
    quoted_match: SEPARATOR,
    escape_formulas: true,
    cast: { bigint: (amountMinor) => formatAmount(amountMinor) },
  });
}
