import type { Answer } from "../api/client.ts";
import type { Random } from "./random.ts";

/**
 * A request as sent, also when repeated. The key of a single operation is a header, keys of a batch are in its body.
 */
export type ClientRequest = { path: string; body: object; keys: string[]; isBatch: boolean };

/** All operations, or only transfers, whose throughput is measured. */
export type Mix = "everything" | "transfers";

type Draft = { kind: string; reservationId?: string; body: object };

/** Few, so that a reservation request by fields matches several candidates. */
const ORDERS = 3;
const BATCH_OPERATIONS_MAX = 6;
/** Number of the latest reservations and recognitions that requests refer to. Older ones are settled. */
const REMEMBERED = 20;

/** Path segment of each kind of operation. */
const ROUTES: Record<string, string> = {
  deposit: "deposits",
  withdrawal: "withdrawals",
  transfer: "transfers",
  reservation: "reservations",
  recognition: "recognitions",
  release: "releases",
  extension: "extensions",
  refund: "refunds",
};

/** Every kind of operation that a caller can request. */
export const KINDS = Object.keys(ROUTES);

/**
 * Generates requests of every kind for few users.
 *
 * Many of them contend for one account or one reservation, and some are declined.
 */
export function createRequests(users: readonly string[], random: Random) {
  const reservationIds: string[] = [];
  const recognitionIds: string[] = [];
  const { below, oneOf } = random;

  function draft(): Draft {
    const userId = oneOf(users)!;
    const amount = `${1 + below(6)}.0${below(6)}`;
    const order = { userId, serviceId: "promotion", orderId: `order-${below(ORDERS)}` };
    const [reservationId, recognitionId] = [oneOf(reservationIds), oneOf(recognitionIds)];
    const turn = random.next();
    if (turn < 0.2) return draftTransfer();
    if (turn < 0.35) return { kind: "deposit", body: { userId, amount } };
    if (turn < 0.42) return { kind: "withdrawal", body: { userId, amount } };
    if (turn < 0.62 || !reservationId) {
      // Some expire during an outage, some while the service works, some after the load.
      return { kind: "reservation", body: { ...order, amount, ttlSeconds: oneOf([1, 5, 60]) } };
    }
    if (turn < 0.67) return { kind: "recognition", body: { ...order, amount } };
    if (turn < 0.71) return { kind: "release", body: order };
    if (turn < 0.81) return { kind: "recognition", reservationId, body: { amount: "0.50", final: below(2) === 0 } };
    if (turn < 0.87) return { kind: "release", reservationId, body: below(2) === 0 ? {} : { amount: "0.25" } };
    if (turn < 0.94 || !recognitionId) {
      return { kind: "extension", reservationId, body: { ttlSeconds: 1 + below(5) } };
    }
    return { kind: "refund", body: { recognitionId, ...(below(2) === 0 && { amount: "0.10" }) } };
  }

  function draftTransfer(): Draft {
    const fromUserId = oneOf(users)!;
    const toUserId = oneOf(users.filter((other) => other !== fromUserId))!;
    return { kind: "transfer", body: { fromUserId, toUserId, amount: `0.${1 + below(9)}0` } };
  }

  function askAlone({ kind, reservationId, body }: Draft, key: string): ClientRequest {
    const route = ROUTES[kind]!;
    const path = reservationId ? `/v1/reservations/${reservationId}/${route}` : `/v1/${route}`;
    return { path, body, keys: [key], isBatch: false };
  }

  function askTogether(key: string): ClientRequest {
    const size = 2 + below(BATCH_OPERATIONS_MAX - 1);
    const isAtomic = below(2) === 0;
    const keys = Array.from({ length: size }, (_, index) =>
      isAtomic ? atomicKey(key, size, index) : `${key}/${index}`,
    );
    const operations = keys.map((idempotencyKey) => {
      const { kind, reservationId, body } = draft();
      return { kind, idempotencyKey, ...(reservationId && { reservationId }), ...body };
    });
    return { path: "/v1/batches", body: { operations, atomic: isAtomic }, keys, isBatch: true };
  }

  return {
    /** Creates a new request with this key. In the mix of everything, one in twelve is a batch. */
    invent(key: string, mix: Mix): ClientRequest {
      if (mix === "transfers") return askAlone(draftTransfer(), key);
      return below(12) === 0 ? askTogether(key) : askAlone(draft(), key);
    },

    /** Stores the ids of completed operations, for later requests. */
    remember(operation: Answer["body"]): void {
      if (operation.status !== "completed") return;
      const made = { reservation: reservationIds, recognition: recognitionIds }[operation.kind as string];
      made?.push(operation.operationId);
      if (made && made.length > REMEMBERED) made.shift();
    },
  };
}

/**
 * A key that states the size of its atomic batch.
 *
 * With it the ledger alone shows which batches are half done.
 */
export function atomicKey(key: string, size: number, index: number): string {
  return `atomic:${size}:${key}/${index}`;
}
