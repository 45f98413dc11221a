/** SQL that formats minor units as a decimal amount. */
export function money(column: string): string {
  return `to_char(${column} / 100.0, 'FM99999999999999999990.00')`;
}

/** SQL that formats a time as RFC 3339 in UTC, to the millisecond. */
export function time(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
