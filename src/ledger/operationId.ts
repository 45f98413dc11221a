import { hash } from "node:crypto";

/**
 * The id of the operation that `caller` means by `idempotencyKey`: the same pair is the same operation, for ever and on every replica.
 * Returns a UUID of version 8 (RFC 9562, §5.8).
 */
export function deriveOperationId(caller: string, idempotencyKey: string): string {
  return hashToUuid(["caller", caller, idempotencyKey]);
}

/** The id of what Saldo itself does to a reservation, once. It lies in a namespace that no token can reach. */
export function deriveOwnOperationId(kind: "expiry" | "release", reservationId: string): string {
  return hashToUuid(["saldo", kind, reservationId]);
}

/**
 * The id of a batch: told by its operations, in their order, and whether it is atomic. So a repetition joins the carrier that is
 * under way, and finds out by its name that an operation was refused in it.
 */
export function deriveBatchId(operationIds: readonly string[], isAtomic: boolean): string {
  return hashToUuid(["batch", isAtomic ? "atomic" : "each", ...operationIds]);
}

/** Each part is hashed behind its length, so that no two lists run together: "ab" + "c" is not "a" + "bc". */
function hashToUuid(parts: string[]): string {
  const pieces = parts.flatMap((part) => {
    const bytes = Buffer.from(part, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  const bytes = hash("sha256", Buffer.concat(pieces), "buffer").subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
