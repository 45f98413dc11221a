import type { Decline, DeclineCode, EntryKind, Kind, Metadata, Operation, RequestOfKind } from "./operations.ts";
import type { Subject } from "./subject.ts";

/** The balance of a user's account after one of its entries. */
export type Balance = {
  userId: string;
  availableMinor: bigint;
  reservedMinor: bigint;
  /** The number of the account's entries; the next entry gets the next number. */
  version: number;
};

/** A balance and a time, by the database's clock, at which it was current. */
export type BalanceAsOf = Balance & { asOf: Date };

/** A balance as of a past time. `clock` is a time of the database at or before its reading. */
export type PastBalance = { balance: Balance; clock: Date };

/** A locked account. Version 0 has no credit yet; for every reader it does not exist. */
export type Account = Balance & {
  /** The time of its last entry; null at version 0. */
  lastEntryAt: Date | null;
};

/** Reserved money and its settlement so far. The lock of its owner's account protects it. */
export type Reservation = {
  reservationId: string;
  userId: string;
  serviceId: string;
  orderId: string;
  amountMinor: bigint;
  recognizedMinor: bigint;
  releasedMinor: bigint;
  expiredMinor: bigint;
  /** Of the recognized part. */
  refundedMinor: bigint;
  expiresAt: Date;
  createdAt: Date;
};

/** A reservation and its saga. */
export type WatchedReservation = Reservation & { sagaWorkflowId: string };

/** A reservation as listed. `ordinal` is its place among all reservations, in the order of creation. */
export type ListedReservation = WatchedReservation & { ordinal: bigint };

/** A page of a user's reservations: at most `limit` after `after`. Without a state it has both. */
export type ReservationPage = {
  state: "open" | "settled" | undefined;
  after: { createdAt: Date; reservationId: string } | undefined;
  limit: number;
};

/** A page of the reservations of all users. It has a state, an order, or both; a settled one always an order. */
export type ReservationsOfAllPage = {
  state: "open" | "settled" | "expired" | "overdue" | undefined;
  orderId: string | undefined;
  after: Pick<ListedReservation, "userId" | "serviceId" | "ordinal" | "expiresAt" | "reservationId"> | undefined;
  limit: number;
};

/** The sums of one saga's reservations, and its next deadline. */
export type SagaReservations = {
  reservedMinor: bigint;
  recognizedMinor: bigint;
  releasedMinor: bigint;
  expiredMinor: bigint;
  remainingMinor: bigint;
  openCount: number;
  /** An open reservation: the only one where `openCount` is 1. */
  openReservationId: string | null;
  /** The earliest future deadline of an open reservation. */
  nextDeadline: Date | null;
  /** Reservations past their deadline whose expiry the database refused, and one of them. */
  refusedCount: number;
  refusedReservationId: string | null;
  /** The last settlements, the latest first. Empty while a reservation is open. */
  settlements: Settlement[];
  /** The database's clock at the time of the read. */
  clock: Date;
};

/** An operation that settled a reservation, in part or completely. */
export type Settlement = {
  kind: "recognition" | "release" | "expiry";
  amountMinor: bigint;
  /** The caller, the operator, or `expiry` and `sweep`. */
  by: string;
  reason: string | null;
  at: Date;
};

/** Reserved money that became revenue, and the refunded part of it. */
export type Recognition = {
  recognitionId: string;
  reservationId: string;
  userId: string;
  serviceId: string;
  orderId: string;
  amountMinor: bigint;
  refundedMinor: bigint;
};

/** A service's revenue from one operation; negative for a refund. */
export type Revenue = { operationId: string; serviceId: string; amountMinor: bigint };

/** The change of one account by one operation, with the balances after it. */
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

/** An entry to be written. */
export type NewEntry = Entry & { operation: Operation };

/** A stored entry, with the fields of its operation that events and statements show. */
export type StoredEntry = Entry & {
  operationId: string;
  workflowId: string;
  kind: EntryKind;
  createdAt: Date;
  /** At the posting. */
  serviceName: string | null;
} & EntryTexts;

/** The fields of an operation's request that each of its entries shows. */
export type EntryTexts = {
  /** Of a refund. */
  recognitionId: string | null;
  source: string | null;
  destination: string | null;
  comment: string | null;
  reference: string | null;
  metadata: Metadata | null;
};

/** The key of an entry: the version of an account. */
export type EntryKey = { userId: string; version: number };

/** A service and its current name. */
export type Service = { serviceId: string; name: string };

/** The entries of a statement, by version (`date`), or by amount and then version. */
export type StatementQuery = {
  sort: "date" | "amount";
  order: "asc" | "desc";
  /** At least one, without duplicates. */
  kinds: readonly EntryKind[] | undefined;
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
  /** The last version. Later entries are no part of the list. */
  last?: number;
};

/** An operation as stored in the ledger. */
export type StoredOperation = RequestOfKind & {
  operationId: string;
  /** The carrier that posted it. */
  workflowId: string;
  decline: Decline | null;
  createdAt: Date;
  completedAt: Date;
  /** The origin of an operation without a caller. */
  by: string | null;
  reason: string | null;
  /** The deadline that a reservation or an extension set. */
  expiresAt: Date | null;
  /** The amount moved, also where the request left it open; null without an entry. */
  amountMinor: bigint | null;
  /** The part that the operation made available again; null without an entry. */
  releasedMinor: bigint | null;
  /** The refunded part of a completed recognition; null for other operations. */
  refundedMinor: bigint | null;
  /** The requesting user's balance afterwards (for a transfer, the sender's); null without an entry. */
  balance: Balance | null;
} & Subject;

/** The filters of a search for operations, at least one of the first seven. An operation matches all of them. */
export type OperationQuery = {
  operationId: string | undefined;
  reservationId: string | undefined;
  reference: string | undefined;
  orderId: string | undefined;
  workflowId: string | undefined;
  /** Of the account, or of a transfer's receiver. */
  userId: string | undefined;
  serviceId: string | undefined;
  /** At least one, without duplicates. */
  kinds: readonly Kind[] | undefined;
  status: "completed" | "declined" | undefined;
  code: DeclineCode | undefined;
  /** The time of the decision, inclusive. */
  from: Date | undefined;
  /** Exclusive. */
  to: Date | undefined;
};

/** The place of an operation in the order of decisions. */
export type OperationPosition = { completedAt: Date; ordinal: bigint };

/** An outbox row: one posting whose events are not recorded as acknowledged by Kafka. */
export type OutboxRow = { id: string; workflowId: string; operationIds: string[] };

/** Selects the outbox rows of one transaction. */
export type OutboxPiece = {
  ageSeconds: number;
  /** Only rows of this carrier; rows of any where absent. */
  workflowId?: string;
  /** The piece ends before the row that would exceed this, but is never empty. */
  operationsMax: number;
  /** Ids of rows to skip. */
  exceptIds: readonly string[];
};

/** Whether a carrier has outbox rows, its events in them, and the number of carriers. */
export type OutboxCount = { isWaiting: boolean; events: number; carriers: number };

/** A reservation that may be due, its owner, and the time since its deadline. */
export type DueReservation = { reservationId: string; userId: string; overdueMs: number };

/** The reserved amount that is not settled yet. A reservation is open while it is above zero. */
export function remainingMinor(reservation: Reservation): bigint {
  return reservation.amountMinor - reservation.recognizedMinor - reservation.releasedMinor - reservation.expiredMinor;
}
