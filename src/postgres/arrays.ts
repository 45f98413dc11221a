/** The columns of these rows, for `unnest`. */
export function columnsOf<Row, Name extends keyof Row>(rows: readonly Row[], ...names: Name[]): Row[Name][][] {
  return names.map((name) => rows.map((row) => row[name]));
}

/**
 * Formats numbers, UUIDs or times, nulls included, as a PostgreSQL array literal.
 * None of these needs quotes. The driver's own conversion searches every value for characters to escape, which stands
 * out in profiles under load. Not for text: a user id may be "null".
 */
export function bareArray(values: readonly (bigint | number | string | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}
