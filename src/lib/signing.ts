import { createHmac, timingSafeEqual } from "node:crypto";

/** Signs the parts for one purpose. A signature for another purpose is not equal. */
export function sign(key: string, purpose: string, ...parts: string[]): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest("base64url");
}

/** Compares two texts in constant time: the duration does not show where they differ. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
