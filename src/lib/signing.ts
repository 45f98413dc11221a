import { createHmac, timingSafeEqual } from "node:crypto";

/** The purpose is signed too: a signature for one purpose is none for another. */
export function sign(key: string, purpose: string, ...parts: string[]): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest("base64url");
}

/** Compares in a time that does not depend on where the texts differ. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
