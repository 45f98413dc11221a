import { stringify } from "csv-stringify/sync";
import { formatAmount } from "./money.ts";

/** What a service earned in a month, under the name that it has, or else its id. */
export type RevenueLine = { name: string; totalMinor: bigint };

/** A month's revenue as it stood at `generatedAt`. */
export type RevenueReport = { csv: Uint8Array; totalMinor: bigint; generatedAt: Date };

/** The report that a month keeps for ever. `sha256` is of the bytes, in hexadecimal. */
export type FrozenReport = RevenueReport & { sha256: string };

/** What there is to tell of a month. */
export type MonthReport =
  | ({ status: "final" } & FrozenReport)
  | ({ status: "provisional" } & RevenueReport)
  /** Over, and not frozen yet. */
  | { status: "unclosed" }
  | { status: "future" };

/** What the library leaves: a mark at the beginning, and a formula behind what nobody sees. */
const HIDDEN_FORMULA = /^\ufeff|^[\s\p{Cf}]+[=+\-@＝＋－＠]/u;

/**
 * The lines as a file, in their order: UTF-8 without a mark at its beginning, semicolons, no header, one line feed after each line. A name is
 * quoted where it needs to be (RFC 4180), and one that a spreadsheet would take for a formula begins with an apostrophe. An amount goes
 * in as a number, so that the library takes the sign of a negative one for what it is.
 */
export function writeCsv(lines: readonly RevenueLine[]): Uint8Array {
  const text = stringify(
    lines.map(({ name, totalMinor }) => [HIDDEN_FORMULA.test(name) ? `'${name}` : name, totalMinor]),
    {
      delimiter: ";",
      record_delimiter: "\n",
      quote_record_delimiter: true,
      escape_formulas: true,
      cast: { bigint: (amountMinor) => formatAmount(amountMinor) },
    },
  );
  return Buffer.from(text, "utf8");
}

/** What the lines come to. */
export function sumUp(lines: readonly RevenueLine[]): bigint {
  return lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}
