import {
  type DeclineCode,
  differingFields,
  type Operation,
  type ReservationFields,
} from "../../src/ledger/operations.ts";

const LIMIT_MINOR = 9_000_000_000_000_000_000n;

export type Answer = "completed" | "mismatched" | DeclineCode;
type Held = ReservationFields & { id: string; left: bigint; dueMs: number; isExpired: boolean };

/** A small independent model of the money rules: balances, holds and refundable amounts. */
export function createMoneyModel(userIds: string[], balances: (bigint | undefined)[], ttlSeconds: number) {
  const available = new Map(userIds.map((id, index) => [id, balances[index]]));
  const holds: Held[] = [];
  const refundable = new Map<string, { userId: string; left: bigint }>();
  const answers = new Map<string, { operation: Operation; answer: Answer }>();

  const reservedOf = (userId: string) =>
    holds.filter((held) => held.userId === userId).reduce((all, held) => all + held.left, 0n);
  const has = (userId: string) => available.get(userId);
  const give = (userId: string, minor: bigint) => available.set(userId, (has(userId) ?? 0n) + minor);
  const fits = (userId: string, minor: bigint) => (has(userId) ?? 0n) + reservedOf(userId) + minor <= LIMIT_MINOR;

  function takeFrom(userId: string, minor: bigint): Answer {
    const balance = has(userId);
    if (balance === undefined) return "account_not_found";
    if (balance < minor) return "insufficient_funds";
    available.set(userId, balance - minor);
    return "completed";
  }

  function giveTo(userId: string, minor: bigint): Answer {
    if (!fits(userId, minor)) return "balance_limit_exceeded";
    give(userId, minor);
    return "completed";
  }

  const whyClosed = (held: Held | undefined): Answer => {
    if (!held) return "reservation_not_found";
    return held.isExpired ? "reservation_expired" : "reservation_settled";
  };

  /** Finds the holds with these fields. `open` has the open ones by deadline, then by age. */
  function search({ userId, serviceId, orderId }: ReservationFields) {
    const all = holds.filter(
      (held) => `${held.userId} ${held.serviceId} ${held.orderId}` === `${userId} ${serviceId} ${orderId}`,
    );
    return { all, open: all.filter(({ left }) => left > 0n).toSorted((one, other) => one.dueMs - other.dueMs) };
  }

  function recognize(operationId: string, held: Held, minor: bigint, isFinal: boolean): Answer {
    if (minor > held.left) return "exceeds_remaining";
    refundable.set(operationId, { userId: held.userId, left: minor });
    held.left -= minor;
    if (isFinal) {
      give(held.userId, held.left);
      held.left = 0n;
    }
    return "completed";
  }

  function giveBack(held: Held, minor: bigint): Answer {
    if (minor > held.left) return "exceeds_remaining";
    held.left -= minor;
    give(held.userId, minor);
    return "completed";
  }

  function decide({ kind, request, operationId }: Operation, nowMs: number): Answer {
    const minor =
      "amount" in request && request.amount !== undefined ? BigInt(request.amount.replace(".", "")) : undefined;
    if (kind === "deposit") return giveTo(request.userId, minor!);
    if (kind === "withdrawal") return takeFrom(request.userId, minor!);
    if (kind === "transfer") {
      const balance = has(request.fromUserId);
      if (balance !== undefined && balance >= minor! && !fits(request.toUserId, minor!))
        return "balance_limit_exceeded";
      const taken = takeFrom(request.fromUserId, minor!);
      return taken === "completed" ? giveTo(request.toUserId, minor!) : taken;
    }
    if (kind === "reservation") {
      const taken = takeFrom(request.userId, minor!);
      const dueMs = nowMs + (request.ttlSeconds ?? ttlSeconds) * 1_000;
      if (taken === "completed") holds.push({ ...request, id: operationId, left: minor!, dueMs, isExpired: false });
      return taken;
    }
    if (kind === "refund") {
      const paid = refundable.get(request.recognitionId);
      if (!paid) return "recognition_not_found";
      const back = minor ?? paid.left;
      if (paid.left === 0n || back > paid.left) return "exceeds_recognized";
      const given = giveTo(paid.userId, back);
      if (given === "completed") paid.left -= back;
      return given;
    }
    if ("reservationId" in request) {
      const held = holds.find(({ id }) => id === request.reservationId);
      if (!held || held.left === 0n) return whyClosed(held);
      if (kind === "recognition")
        return recognize(operationId, held, minor ?? held.left, !("final" in request) || request.final !== false);
      if (kind === "release") return giveBack(held, minor ?? held.left);
      if (kind === "expiry") {
        held.isExpired = true;
        return giveBack(held, held.left);
      }
      held.dueMs = Math.max(held.dueMs, nowMs + ("ttlSeconds" in request ? request.ttlSeconds : 0) * 1_000);
      return "completed";
    }
    const { all, open } = search(request);
    if (open.length === 0) return whyClosed(all.at(-1));
    if (kind === "recognition") {
      const held = open.find(({ left }) => left === minor);
      return held ? recognize(operationId, held, minor!, true) : "amount_mismatch";
    }
    const amounts = new Set(open.map(({ left }) => left));
    return amounts.size === 1 ? giveBack(open[0]!, open[0]!.left) : "reservation_ambiguous";
  }

  return {
    apply(operation: Operation, nowMs: number): Answer {
      const before = answers.get(operation.operationId);
      if (before) return differingFields(operation, before.operation).length === 0 ? before.answer : "mismatched";
      const answer = decide(operation, nowMs);
      answers.set(operation.operationId, { operation, answer });
      return answer;
    },
    due: (nowMs: number) => holds.filter(({ left, dueMs }) => left > 0n && dueMs <= nowMs).map(({ id }) => id),
    available: has,
    reserved: reservedOf,
    remaining: () => new Map(holds.map(({ id, left }) => [id, left])),
  };
}
