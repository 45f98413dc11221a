import type { Activities, Publication, Standing } from "../../src/activities/index.ts";
import { formatAmount, parseAmount } from "../../src/ledger/money.ts";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import { completedIds, type Operation, type Outcome } from "../../src/ledger/operations.ts";
import { carried } from "./carried.ts";
import { uniqueUserId } from "./operations.ts";
import { reservation } from "./reservationOperations.ts";

type Part = "recognized" | "released" | "expired";
type Held = { amount: bigint; dueMs: number } & Record<Part, bigint>;

export type HeldMoney = ReturnType<typeof createHeldMoney>;

/** A reservation of 10.00 that holds so long. */
export function reserveTen(ttlSeconds = 3_600): Operation {
  return reservation({ userId: uniqueUserId(), serviceId: "promotion", orderId: "order" }, "10.00", { ttlSeconds });
}

/**
 * What the ledger does for a saga, in memory: it opens reservations, expires what is due by its own clock, and says how they stand. Tests
 * hold its clock: it runs with the machine's, `clock.aheadMs` ahead, unless `clock.stoppedAtMs` says where it stands. They hold its Kafka too:
 * `kafka.publication` is what becomes of the events of what completes.
 */
export function createHeldMoney() {
  const clock: { aheadMs: number; stoppedAtMs?: number } = { aheadMs: 0 };
  const nowMs = () => clock.stoppedAtMs ?? Date.now() + clock.aheadMs;
  const kafka: { publication: Publication } = { publication: "published" };
  const all = new Map<string, Held>();
  const left = (held: Held) => held.amount - held.recognized - held.released - held.expired;

  function open({ operationId, kind, request }: Operation): Outcome {
    if (kind === "reservation" && !all.has(operationId)) {
      const dueMs = nowMs() + (request.ttlSeconds ?? 0) * 1_000;
      all.set(operationId, { amount: parseAmount(request.amount), dueMs, recognized: 0n, released: 0n, expired: 0n });
    }
    return { operationId, status: "completed", balance: { available: "0.00", reserved: "10.00", version: 2 } };
  }

  function settle(reservationId: string, part: Part, amount?: string): void {
    const held = all.get(reservationId)!;
    held[part] += amount === undefined ? left(held) : parseAmount(amount);
  }

  function stand(reservationIds: string[]): Standing {
    const held = reservationIds.map((id) => all.get(id)!);
    const sum = (of: (one: Held) => bigint) => formatAmount(held.reduce((total, one) => total + of(one), 0n));
    const openIds = reservationIds.filter((id) => left(all.get(id)!) > 0n);
    const dueMs = Math.min(...openIds.map((id) => all.get(id)!.dueMs));
    return {
      reserved: sum((one) => one.amount),
      recognized: sum((one) => one.recognized),
      released: sum((one) => one.released),
      expired: sum((one) => one.expired),
      remaining: sum(left),
      openReservationIds: openIds,
      ...(openIds.length > 0 && {
        due: { inMs: Math.max(0, dueMs - nowMs()), at: new Date(dueMs).toISOString() },
      }),
    };
  }

  const follow = (outcomes: Outcome[]) =>
    carried(outcomes, completedIds(outcomes).length > 0 ? { events: kafka.publication } : {});

  const activities = {
    async post(_, operations) {
      return follow(operations.map(open));
    },
    async expire(_, reservationIds, settledIds) {
      const due = reservationIds.filter((id) => left(all.get(id)!) > 0n && all.get(id)!.dueMs <= nowMs());
      for (const id of due) settle(id, "expired");
      const expired = reservationIds.filter((id) => all.get(id)!.expired > 0n);
      const outcomes = expired.map((id): Outcome => ({ operationId: expiryId(id), status: "completed" }));
      return { ...follow(outcomes), standing: stand([...reservationIds, ...settledIds]) };
    },
    async releaseByOperator(_, reservationId) {
      const operationId = deriveOwnOperationId("release", reservationId);
      if (left(all.get(reservationId)!) === 0n) {
        return follow([{ operationId, status: "declined", code: "reservation_settled" }]);
      }
      settle(reservationId, "released");
      return follow([{ operationId, status: "completed" }]);
    },
  } satisfies Partial<Activities>;

  return {
    activities,
    clock,
    kafka,
    settle,
    extend: (reservationId: string, ms: number) => (all.get(reservationId)!.dueMs += ms),
    /** What became of a reservation. */
    partsOf(reservationId: string): Record<Part | "remaining", string> {
      const { reserved: _, due: __, openReservationIds: ___, ...parts } = stand([reservationId]);
      return parts;
    },
    dueMs: (reservationId: string) => all.get(reservationId)!.dueMs,
  };
}

export function expiryId(reservationId: string): string {
  return deriveOwnOperationId("expiry", reservationId);
}
