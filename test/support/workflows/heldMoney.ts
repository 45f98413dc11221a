import type { Activities, PostingResult, Publication } from "../../../src/activities/index.ts";
import { type SagaSummary, summarizeSaga } from "../../../src/activities/sagaSummary.ts";
import type { OutcomeCount } from "../../../src/ledger/carriers.ts";
import { formatAmount, parseAmount } from "../../../src/ledger/money.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { searchValues } from "../../../src/workflows/display.ts";
import { carried, countsOf } from "../activities/carried.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { reservation } from "../ledger/reservationOperations.ts";

type Part = "recognized" | "released" | "expired";
type Held = { sagaWorkflowId: string; amount: bigint; dueMs: number } & Record<Part, bigint>;

export type HeldMoney = ReturnType<typeof createHeldMoney>;

/** A reservation of 10.00 with this TTL. */
export function reserveTen(ttlSeconds = 3_600): Operation {
  return reservation({ userId: uniqueUserId(), serviceId: "promotion", orderId: "order" }, "10.00", { ttlSeconds });
}

/**
 * The ledger of sagas in memory: it opens and expires reservations and sums them up.
 *
 * Its clock is the machine's plus `clock.aheadMs`, unless `clock.stoppedAtMs` is set. `kafka.publication` is the state
 * of the events of completed operations.
 */
export function createHeldMoney() {
  const clock: { aheadMs: number; stoppedAtMs?: number } = { aheadMs: 0 };
  const nowMs = () => clock.stoppedAtMs ?? Date.now() + clock.aheadMs;
  const kafka: { publication: Publication; eventsWaiting?: number } = { publication: "published" };
  const all = new Map<string, Held>();
  const expiredIds: string[] = [];
  const left = (held: Held) => held.amount - held.recognized - held.released - held.expired;

  function open(sagaWorkflowId: string, { operationId, kind, request }: Operation): void {
    if (kind !== "reservation" || all.has(operationId)) return;
    const dueMs = nowMs() + (request.ttlSeconds ?? 0) * 1_000;
    const amount = parseAmount(request.amount);
    all.set(operationId, { sagaWorkflowId, amount, dueMs, recognized: 0n, released: 0n, expired: 0n });
  }

  function settle(reservationId: string, part: Part, amount?: string): void {
    const held = all.get(reservationId)!;
    held[part] += amount === undefined ? left(held) : parseAmount(amount);
  }

  function summarize(sagaWorkflowId: string): SagaSummary {
    const held = [...all].filter(([, one]) => one.sagaWorkflowId === sagaWorkflowId);
    const sum = (of: (one: Held) => bigint) => held.reduce((total, [, one]) => total + of(one), 0n);
    const opened = held.filter(([, one]) => left(one) > 0n);
    return summarizeSaga({
      reservedMinor: sum((one) => one.amount),
      recognizedMinor: sum((one) => one.recognized),
      releasedMinor: sum((one) => one.released),
      expiredMinor: sum((one) => one.expired),
      remainingMinor: sum(left),
      openCount: opened.length,
      openReservationId: opened[0]?.[0] ?? null,
      nextDeadline: opened.length > 0 ? new Date(Math.min(...opened.map(([, one]) => one.dueMs))) : null,
      refusedCount: 0,
      refusedReservationId: null,
      settlements: [],
      clock: new Date(nowMs()),
    });
  }

  function follow(counts: OutcomeCount[], rest: Partial<PostingResult> = {}): PostingResult {
    const hasEvents = counts.some(({ outcome }) => outcome === "completed");
    const { publication: events, eventsWaiting } = kafka;
    const left = hasEvents ? { events, ...(eventsWaiting !== undefined && { eventsWaiting }) } : {};
    return carried({ counts, ...left, ...rest });
  }

  const activities = {
    async post({ workflowId, isSaga }, { operations }) {
      for (const operation of operations) open(workflowId, operation);
      return follow(countsOf(operations), {
        found: searchValues(operations),
        ...(isSaga && { saga: summarize(workflowId) }),
      });
    },
    async expire(workflowId) {
      const due = [...all]
        .filter(([, one]) => one.sagaWorkflowId === workflowId && left(one) > 0n && one.dueMs <= nowMs())
        .sort(([, one], [, other]) => one.dueMs - other.dueMs);
      for (const [id] of due) {
        settle(id, "expired");
        expiredIds.push(id);
      }
      const counts: OutcomeCount[] =
        due.length > 0 ? [{ kind: "expiry", outcome: "completed", count: due.length }] : [];
      return follow(counts, { saga: summarize(workflowId) });
    },
    async releaseByOperator(workflowId, { reservationId }) {
      const held = all.get(reservationId);
      if (held?.sagaWorkflowId !== workflowId) return undefined;
      if (left(held) === 0n) return follow([{ kind: "release", outcome: "reservation_settled", count: 1 }]);
      settle(reservationId, "released");
      return follow([{ kind: "release", outcome: "completed", count: 1 }]);
    },
  } satisfies Partial<Activities>;

  return {
    activities,
    clock,
    kafka,
    settle,
    /** Ids of the expired reservations, in order. */
    expiredIds,
    extend: (reservationId: string, ms: number) => (all.get(reservationId)!.dueMs += ms),
    partsOf(reservationId: string): Record<Part | "remaining", string> {
      const held = all.get(reservationId)!;
      return {
        recognized: formatAmount(held.recognized),
        released: formatAmount(held.released),
        expired: formatAmount(held.expired),
        remaining: formatAmount(left(held)),
      };
    },
    dueMs: (reservationId: string) => all.get(reservationId)!.dueMs,
  };
}
