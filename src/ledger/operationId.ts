import { hash } from "node:crypto";

export const UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
export const UUID_PATTERN_ANY_CASE = UUID_PATTERN.replaceAll("a-f", "A-Fa-f");
/** Ids of users, services and orders. */
export const ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:\\-]{0,63}$";

const LENGTH_BYTES = 4;

/**
 * Derives the operation id from caller and idempotency key. Deterministic: the same pair always gives the same id, on
 * every replica. Returns a UUID of version 8 (RFC 9562, §5.8).
 */
export function deriveOperationId(caller: string, idempotencyKey: string): string {
  return hashToUuid(["caller", caller, idempotencyKey]);
}

/** The id of Saldo's own operation on a reservation, at most one of each kind. No caller's key can produce it. */
export function deriveOwnOperationId(kind: "expiry" | "release", reservationId: string): string {
  return hashToUuid(["saldo", kind, reservationId]);
}

/** The id of an atomic batch, derived from its operations in order. A repeated batch joins the running carrier. */
export function deriveBatchId(operationIds: readonly string[]): string {
  return hashToUuid(["batch", ...operationIds]);
}

/** Hashes each part with its length before it: "ab" + "c" differs from "a" + "bc". */
function hashToUuid(parts: string[]): string {
  const framed = Buffer.allocUnsafe(parts.reduce((size, part) => size + LENGTH_BYTES + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) {
    const length = framed.write(part, at + LENGTH_BYTES);
    framed.writeUInt32BE(length, at);
    at += LENGTH_BYTES + length;
  }
  const hex = hash("sha256", framed, "hex");
  // The version is 8; the variant takes the two highest bits of its byte.
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
