/** Settings of PostgreSQL or Redis at this address, without certificates. */
export function at(url: string) {
  return { url: { variable: "TEST_URL", value: url }, tls: {} };
}
