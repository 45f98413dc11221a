import { stringify } from "csv-stringify/sync";
import { formatAmount } from "./money.ts";

/** A text, an amount in minor units, another number, or nothing. */
export type CsvCell = string | bigint | number | null;

/** CSV injection that `escape_formulas` misses: a leading BOM, or a formula after invisible characters. */
const HIDDEN_FORMULA = /^\ufeff|^[\s\p{Cf}]+[=+\-@＝＋－＠]/u;

/** Separators and line breaks of other readers. */
const SEPARATOR = /[,|\t\v\f\u0085\u2028\u2029]/;

/**
 * Formats rows as CSV, in their order. Semicolons, and one line feed after each row.
 * Texts are quoted where RFC 4180 requires it, and where they contain a `SEPARATOR`. A text that a spreadsheet would
 * read as a formula gets an apostrophe in front. Amounts are passed as `bigint`: as text, the library would escape the
 * sign of a negative one.
 */
export function formatCsv(rows: readonly (readonly CsvCell[])[]): string {
  return stringify(
    rows.map((row) => row.map(defuse)),
    {
      delimiter: ";",
      record_delimiter: "\n",
      quote_record_delimiter: true,
      quoted_match: SEPARATOR,
      escape_formulas: true,
      cast: { bigint: (amountMinor) => formatAmount(amountMinor) },
    },
  );
}

function defuse(cell: CsvCell): CsvCell {
  return typeof cell === "string" && HIDDEN_FORMULA.test(cell) ? `'${cell}` : cell;
}
