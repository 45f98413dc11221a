import { formatAmount } from "../ledger/money.ts";
import type { SagaReservations } from "../ledger/records.ts";

/** The reservations of a saga: sums as decimal strings, and when it has to act next. */
export type SagaSummary = {
  reserved: string;
  recognized: string;
  released: string;
  expired: string;
  remaining: string;
  openCount: number;
  /** The only open one, where there is one. */
  onlyOpenId?: string;
  /** The earliest deadline of those that are open, and how long from now, by the database's clock. Absent where none is open. */
  due?: { inMs: number; at?: string };
  /** Those past their deadline that the ledger refuses to expire, and one of them. Absent where there are none. */
  refused?: { count: number; reservationId: string };
};

/**
 * The ledger refuses such an expiry until its books are mended. Each attempt is an alert, and a step in the saga's history; the sweep tries
 * more often.
 */
const REFUSED_AGAIN_MS = 600_000;

export function summarizeSaga(reservations: SagaReservations): SagaSummary {
  const { openCount, openReservationId, refusedCount, refusedReservationId } = reservations;
  return {
    reserved: formatAmount(reservations.reservedMinor),
    recognized: formatAmount(reservations.recognizedMinor),
    released: formatAmount(reservations.releasedMinor),
    expired: formatAmount(reservations.expiredMinor),
    remaining: formatAmount(reservations.remainingMinor),
    openCount,
    ...(openCount === 1 && { onlyOpenId: openReservationId! }),
    ...(openCount > 0 && { due: dueOf(reservations) }),
    ...(refusedReservationId && { refused: { count: refusedCount, reservationId: refusedReservationId } }),
  };
}

function dueOf({ nextDeadline, clock, refusedCount }: SagaReservations): { inMs: number; at?: string } {
  const inMs = nextDeadline ? Math.max(0, nextDeadline.getTime() - clock.getTime()) : REFUSED_AGAIN_MS;
  return {
    inMs: refusedCount > 0 ? Math.min(inMs, REFUSED_AGAIN_MS) : inMs,
    ...(nextDeadline && { at: nextDeadline.toISOString() }),
  };
}
