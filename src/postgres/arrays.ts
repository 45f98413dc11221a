/**
 * An array of numbers, UUIDs or times, with nulls among them, as PostgreSQL reads it. None of these needs quotes; the driver would look for
 * what to escape in every one, which stands out in profiles under load. Not for text: a user may be called "null".
 */
export function bareArray(values: readonly (bigint | number | string | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}
