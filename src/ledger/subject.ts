import type { Operation } from "./operations.ts";
import type { Change, State } from "./state.ts";

/**
 * The users, the reservation and the service that an operation concerns. It is found by them.
 *
 * They are known where the request names a reservation or a recognition only, and for declines. Null where unknown.
 */
export type Subject = {
  /** The owner of the account; a transfer's sender. */
  userId: string | null;
  /** A transfer's receiver. */
  counterpartyUserId: string | null;
  reservationId: string | null;
  serviceId: string | null;
  orderId: string | null;
  /** The service's name at the posting. */
  serviceName: string | null;
};

export const UNKNOWN_SUBJECT: Subject = {
  userId: null,
  counterpartyUserId: null,
  reservationId: null,
  serviceId: null,
  orderId: null,
  serviceName: null,
};

/** The subject of an operation. Its request may name a reservation or a recognition only. */
export function subjectOf(
  { request }: Operation,
  change: Change,
  { reservations, recognitions }: State,
  serviceNames: ReadonlyMap<string, string>,
): Subject {
  if ("fromUserId" in request) {
    return { ...UNKNOWN_SUBJECT, userId: request.fromUserId, counterpartyUserId: request.toUserId };
  }
  const named = "reservationId" in request ? request.reservationId : null;
  const recognized = "recognitionId" in request ? recognitions.get(request.recognitionId) : undefined;
  const found = change.reservation ?? recognized ?? (named === null ? undefined : reservations.get(named));
  const fields = found ?? (request as { userId?: string; serviceId?: string; orderId?: string });
  const { userId = null, serviceId = null, orderId = null } = fields;
  return {
    userId,
    counterpartyUserId: null,
    reservationId: found?.reservationId ?? named,
    serviceId,
    orderId,
    serviceName: serviceId === null ? null : (serviceNames.get(serviceId) ?? null),
  };
}
