import { isPastDeadline } from "./expiries.ts";
import { parseAmount } from "./money.ts";
import {
  DECLINE_RESERVATIONS_MAX,
  type Decline,
  type DeclineCode,
  type Operation,
  type OperationOf,
  type ReservationFields,
} from "./operations.ts";
import { type Reservation, remainingMinor } from "./records.ts";
import { type Change, InvariantBroken, isDecline, makeEntry, type Rule, type State } from "./state.ts";

export const reservation: Rule<OperationOf<"reservation">> = (operation, state) => {
  const { userId, serviceId, orderId, amount, ttlSeconds = state.defaultTtlSeconds } = operation.request;
  const amountMinor = parseAmount(amount);
  const about = { reservationId: operation.operationId, serviceId, orderId };
  const entry = makeEntry(
    operation,
    { userId, amountMinor, availableDeltaMinor: -amountMinor, reservedDeltaMinor: amountMinor, about },
    state,
  );
  if (isDecline(entry)) return entry;
  return {
    entries: [entry],
    reservation: {
      ...about,
      userId,
      amountMinor,
      recognizedMinor: 0n,
      releasedMinor: 0n,
      expiredMinor: 0n,
      refundedMinor: 0n,
      expiresAt: addSeconds(state.at, ttlSeconds),
      createdAt: state.at,
    },
  };
};

/**
 * By fields: the earliest due reservation with exactly this amount remaining. By id: all that remains, or a part; the
 * rest is then released, or stays reserved.
 */
export const recognition: Rule<OperationOf<"recognition">> = (operation, state) => {
  const { request } = operation;
  if ("reservationId" in request) {
    const found = findOpen(request.reservationId, state);
    if (isDecline(found)) return found;
    const remaining = remainingMinor(found);
    const recognizedMinor = request.amount === undefined ? remaining : parseAmount(request.amount);
    if (recognizedMinor > remaining) return { code: "exceeds_remaining" };
    const { final = true } = request;
    return recognize(operation, found, recognizedMinor, final ? remaining - recognizedMinor : 0n, state);
  }
  const amountMinor = parseAmount(request.amount);
  const open = findOpenByFields(request, state);
  const [chosen] = open.filter((candidate) => remainingMinor(candidate) === amountMinor);
  if (chosen) return recognize(operation, chosen, amountMinor, 0n, state);
  return open.length > 0 ? declineWithCandidates("amount_mismatch", open) : declineNoneOpen(request, state);
};

/** By fields: the only reservation, or the earliest due of equal ones. By id: all that remains, or a part. */
export const release: Rule<OperationOf<"release">> = (operation, state) => {
  const { request } = operation;
  if ("reservationId" in request) {
    const found = findOpen(request.reservationId, state);
    if (isDecline(found)) return found;
    const releasedMinor = request.amount === undefined ? remainingMinor(found) : parseAmount(request.amount);
    if (releasedMinor > remainingMinor(found)) return { code: "exceeds_remaining" };
    return settle(operation, found, { releasedMinor }, state);
  }
  const open = findOpenByFields(request, state);
  const [chosen] = open;
  if (!chosen) return declineNoneOpen(request, state);
  const amounts = new Set(open.map(remainingMinor));
  if (amounts.size > 1) return declineWithCandidates("reservation_ambiguous", open);
  return settle(operation, chosen, { releasedMinor: remainingMinor(chosen) }, state);
};

/** Sets the later of the two deadlines, so it never shortens one. Moves no money and makes no entry. */
export const extension: Rule<OperationOf<"extension">> = (operation, state) => {
  const found = findOpen(operation.request.reservationId, state);
  if (isDecline(found)) return found;
  const requested = addSeconds(state.at, operation.request.ttlSeconds);
  const expiresAt = new Date(Math.max(requested.getTime(), found.expiresAt.getTime()));
  return { entries: [], reservation: { ...found, expiresAt } };
};

/** Returns all that remains to the available balance. @throws InvariantBroken before the deadline */
export const expiry: Rule<OperationOf<"expiry">> = (operation, state) => {
  const found = findOpen(operation.request.reservationId, state);
  if (isDecline(found)) return found;
  if (!isPastDeadline(found, state.at)) throw new InvariantBroken("A reservation must not expire before its deadline");
  return settle(operation, found, { expiredMinor: remainingMinor(found) }, state);
};

/** Returns recognized money from the service's revenue, in total at most the recognized amount. */
export const refund: Rule<OperationOf<"refund">> = (operation, state) => {
  const { recognitionId, amount } = operation.request;
  const found = state.recognitions.get(recognitionId);
  if (!found) return { code: "recognition_not_found" };
  const leftMinor = found.amountMinor - found.refundedMinor;
  const amountMinor = amount === undefined ? leftMinor : parseAmount(amount);
  if (leftMinor === 0n || amountMinor > leftMinor) return { code: "exceeds_recognized" };
  const { userId, serviceId, reservationId } = found;
  const settled = state.reservations.get(reservationId);
  if (!settled) throw new InvariantBroken("A recognition must have a reservation");
  const entry = makeEntry(operation, { userId, amountMinor, availableDeltaMinor: amountMinor, about: found }, state);
  if (isDecline(entry)) return entry;
  return {
    entries: [entry],
    reservation: { ...settled, refundedMinor: settled.refundedMinor + amountMinor },
    recognition: { ...found, refundedMinor: found.refundedMinor + amountMinor },
    revenue: { operationId: operation.operationId, serviceId, amountMinor: -amountMinor },
  };
};

function recognize(
  operation: Operation,
  found: Reservation,
  recognizedMinor: bigint,
  releasedMinor: bigint,
  state: State,
): Change | Decline {
  const settled = settle(operation, found, { recognizedMinor, releasedMinor }, state);
  if (isDecline(settled)) return settled;
  const { reservationId, userId, serviceId, orderId } = found;
  const recognitionId = operation.operationId;
  return {
    ...settled,
    recognition: {
      recognitionId,
      reservationId,
      userId,
      serviceId,
      orderId,
      amountMinor: recognizedMinor,
      refundedMinor: 0n,
    },
    revenue: { operationId: recognitionId, serviceId, amountMinor: recognizedMinor },
  };
}

type Settlement = { recognizedMinor?: bigint; releasedMinor?: bigint; expiredMinor?: bigint };

/**
 * Takes the settled parts out of the reserved balance. The recognized part leaves the account; the released or expired
 * part becomes available again.
 */
function settle(operation: Operation, found: Reservation, settlement: Settlement, state: State): Change | Decline {
  const { recognizedMinor = 0n, releasedMinor = 0n, expiredMinor = 0n } = settlement;
  const entry = makeEntry(
    operation,
    {
      userId: found.userId,
      amountMinor: recognizedMinor || releasedMinor || expiredMinor,
      availableDeltaMinor: releasedMinor + expiredMinor,
      reservedDeltaMinor: -(recognizedMinor + releasedMinor + expiredMinor),
      about: found,
    },
    state,
  );
  if (isDecline(entry)) return entry;
  return {
    entries: [entry],
    reservation: {
      ...found,
      recognizedMinor: found.recognizedMinor + recognizedMinor,
      releasedMinor: found.releasedMinor + releasedMinor,
      expiredMinor: found.expiredMinor + expiredMinor,
    },
  };
}

function findOpen(reservationId: string, { reservations }: State): Reservation | Decline {
  const found = reservations.get(reservationId);
  if (!found) return { code: "reservation_not_found" };
  return remainingMinor(found) > 0n ? found : { code: settledCode(found) };
}

/** Open reservations of this user, service and order, by deadline, then by age. */
function findOpenByFields(fields: ReservationFields, state: State): Reservation[] {
  return findByFields(fields, state)
    .filter((candidate) => remainingMinor(candidate) > 0n)
    .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || a.createdAt.getTime() - b.createdAt.getTime());
}

function declineNoneOpen(fields: ReservationFields, state: State): Decline {
  const latest = findByFields(fields, state).reduce<Reservation | undefined>(
    (last, one) => (last && last.createdAt > one.createdAt ? last : one),
    undefined,
  );
  return { code: latest ? settledCode(latest) : "reservation_not_found" };
}

function findByFields({ userId, serviceId, orderId }: ReservationFields, { reservations }: State): Reservation[] {
  return [...reservations.values()].filter(
    (one) => one.userId === userId && one.serviceId === serviceId && one.orderId === orderId,
  );
}

function settledCode(settled: Reservation) {
  return settled.expiredMinor > 0n ? "reservation_expired" : "reservation_settled";
}

/** `open` is in the order of the deadlines. */
function declineWithCandidates(code: DeclineCode, open: Reservation[]): Decline {
  return { code, reservationIds: open.slice(0, DECLINE_RESERVATIONS_MAX).map(({ reservationId }) => reservationId) };
}

function addSeconds(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1_000);
}
