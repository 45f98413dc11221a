import { formatAmount } from "../ledger/money.ts";
import type { SagaReservations, Settlement } from "../ledger/records.ts";

/** The reservations of a saga: sums as decimal strings, and its next deadline. */
export type SagaSummary = {
  reserved: string;
  recognized: string;
  released: string;
  expired: string;
  remaining: string;
  openCount: number;
  /** The open reservation, where there is exactly one. */
  onlyOpenId?: string;
  /** The earliest open deadline, and the time until it by the database's clock. Absent where no reservation is open. */
  due?: { inMs: number; at?: string };
  /**
   * Reservations past their deadline that the database refuses to expire, and one of them. Absent where there are none.
   */
  refused?: { count: number; reservationId: string };
  /** The last settlements, the latest first. Absent while a reservation is open. */
  settlements?: SettlementSummary[];
};

export type SettlementSummary = { kind: Settlement["kind"]; amount: string; by: string; reason?: string; at: string };

/**
 * Retry interval of a refused expiry. It fails until the ledger's data is repaired. Each attempt raises an alert and
 * adds to the saga's history; the sweep retries more often.
 */
const REFUSED_RETRY_MS = 600_000;

export function summarizeSaga(reservations: SagaReservations): SagaSummary {
  const { openCount, openReservationId, refusedCount, refusedReservationId, settlements } = reservations;
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
    ...(settlements.length > 0 && { settlements: settlements.map(summarizeSettlement) }),
  };
}

function summarizeSettlement({ kind, amountMinor, by, reason, at }: Settlement): SettlementSummary {
  return { kind, amount: formatAmount(amountMinor), by, ...(reason !== null && { reason }), at: at.toISOString() };
}

function dueOf({ nextDeadline, clock, refusedCount }: SagaReservations): { inMs: number; at?: string } {
  const inMs = nextDeadline ? Math.max(0, nextDeadline.getTime() - clock.getTime()) : REFUSED_RETRY_MS;
  return {
    inMs: refusedCount > 0 ? Math.min(inMs, REFUSED_RETRY_MS) : inMs,
    ...(nextDeadline && { at: nextDeadline.toISOString() }),
  };
}
