import type { Decline, EntryKind, Operation, RequestOfKind } from "./operations.ts";

/** A user's money after one of its entries. */
export type Balance = {
  userId: string;
  availableMinor: bigint;
  reservedMinor: bigint;
  /** The number of its entries: the next one's version is one more. */
  version: number;
};

/** A balance and when, by the database's clock, the ledger said so. */
export type BalanceAsOf = Balance & { asOf: Date };

/** One user's money under its lock. Version 0 means that no credit has reached it yet: for every reader it does not exist. */
export type Account = Balance & {
  /** The time of its last entry; null at version 0. */
  lastEntryAt: Date | null;
};

/** Money that is reserved, and what became of it so far. Guarded by its owner's account. */
export type Reservation = {
  reservationId: string;
  userId: string;
  serviceId: string;
  orderId: string;
  amountMinor: bigint;
  recognizedMinor: bigint;
  releasedMinor: bigint;
  expiredMinor: bigint;
  expiresAt: Date;
  createdAt: Date;
};

/** A reservation and the saga that watches over it. */
export type WatchedReservation = Reservation & { sagaWorkflowId: string };

/** A page of a user's reservations: at most `limit` behind `after`, in both states where none is named. */
export type ReservationPage = {
  state: "open" | "settled" | undefined;
  after: { createdAt: Date; reservationId: string } | undefined;
  limit: number;
};

/** The reservations of one saga, in sums, and when it has to act next. */
export type SagaReservations = {
  reservedMinor: bigint;
  recognizedMinor: bigint;
  releasedMinor: bigint;
  expiredMinor: bigint;
  remainingMinor: bigint;
  openCount: number;
  /** One of those that are open: the only one where `openCount` is 1. */
  openReservationId: string | null;
  /** The earliest deadline to come of those that are open. */
  nextDeadline: Date | null;
  /** Open ones past their deadline although they were asked to expire, and one of them. */
  refusedCount: number;
  refusedReservationId: string | null;
  /** The database's clock at the reading. */
  clock: Date;
};

/** Reserved money that became revenue, and how much of it went back. */
export type Recognition = {
  recognitionId: string;
  reservationId: string;
  userId: string;
  serviceId: string;
  orderId: string;
  amountMinor: bigint;
  refundedMinor: bigint;
};

/** What a service earned with one operation; negative for a refund. */
export type Revenue = { operationId: string; serviceId: string; amountMinor: bigint };

/** What one operation did to one account, with the balances after it. */
export type Entry = {
  userId: string;
  version: number;
  amountMinor: bigint;
  availableDeltaMinor: bigint;
  reservedDeltaMinor: bigint;
  availableAfterMinor: bigint;
  reservedAfterMinor: bigint;
  counterpartyUserId: string | null;
  reservationId: string | null;
  serviceId: string | null;
  orderId: string | null;
};

/** An entry that is to be written. */
export type NewEntry = Entry & { operation: Operation };

/** An entry as it stands in the ledger, with what its event tells of the operation. */
export type StoredEntry = Entry & {
  operationId: string;
  workflowId: string;
  kind: EntryKind;
  comment: string | null;
  createdAt: Date;
};

/** A name of a service, as it is now. */
export type Service = { serviceId: string; name: string };

/** An entry with everything that its user may want to know of it. */
export type StatementEntry = StoredEntry & {
  source: string | null;
  destination: string | null;
  /** The service's present name, where it has one. */
  serviceName: string | null;
};

/** The entries of a statement: in the order of their versions, or of their amounts and then of their versions. */
export type StatementQuery = {
  sort: "date" | "amount";
  order: "asc" | "desc";
  kind: EntryKind | undefined;
  serviceId: string | undefined;
  orderId: string | undefined;
  /** Inclusive. */
  from: Date | undefined;
  /** Exclusive. */
  to: Date | undefined;
};

/** A page of a statement: at most `limit` entries behind `after`. */
export type StatementPage = StatementQuery & {
  after: { amountMinor: bigint; version: number } | undefined;
  limit: number;
};

/** An operation as the ledger keeps it. */
export type StoredOperation = RequestOfKind & {
  operationId: string;
  /** The carrier that brought it into the ledger. */
  workflowId: string;
  decline: Decline | null;
  createdAt: Date;
  completedAt: Date;
  /** The reservation that it is about, where it is about one. */
  reservationId: string | null;
  /** The deadline that a reservation, or an extension, set. */
  expiresAt: Date | null;
  /** What it came to, where the request left the amount open; null where it made no entry. */
  amountMinor: bigint | null;
  /** The balance after it of the user who asked to move money (a transfer's is the sender's); null where it made no entry. */
  balance: Balance | null;
};

/** One posting whose events are not known to be in Kafka yet. */
export type OutboxRow = { id: string; workflowId: string; operationIds: string[] };

/** What is reserved and not settled yet. A reservation is open while this is more than zero. */
export function remainingMinor(reservation: Reservation): bigint {
  return reservation.amountMinor - reservation.recognizedMinor - reservation.releasedMinor - reservation.expiredMinor;
}
