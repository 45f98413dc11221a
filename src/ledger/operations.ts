/**
 * An operation, in the same shape from the HTTP route to the stored row. `request` contains the caller's fields,
 * parsed: absent fields stay absent, an amount is a decimal string with two decimals.
 */
export type Operation = {
  operationId: string;
  /** The `sub` of the request's token. Null for Saldo's own operations: an expiry, an operator's release. */
  caller: string | null;
  idempotencyKey: string | null;
  /** When the API accepted it, RFC 3339 in UTC. */
  acceptedAt: string;
} & Partial<Origin> &
  RequestOfKind;

/** The origin of Saldo's own operation: `expiry` (a saga), `sweep`, or an operator's name. Stored, but not compared. */
export type Origin = { by: string; reason?: string };

/** Fields of every request from a caller. They have no effect on money. */
export type CommonFields = {
  /** An id of the caller's world, such as a payment provider's. Searchable, not unique. */
  reference?: string;
  metadata?: Metadata;
};
export type Metadata = Readonly<Record<string, string>>;

export type RequestOfKind =
  | { kind: "deposit"; request: { userId: string; amount: string; comment?: string; source?: string } & CommonFields }
  | {
      kind: "withdrawal";
      request: { userId: string; amount: string; comment?: string; destination?: string } & CommonFields;
    }
  | {
      kind: "transfer";
      request: { fromUserId: string; toUserId: string; amount: string; comment?: string } & CommonFields;
    }
  | { kind: "reservation"; request: ReservationRequest & CommonFields }
  | { kind: "recognition"; request: RecognitionRequest & CommonFields }
  | { kind: "release"; request: ReleaseRequest & CommonFields }
  | { kind: "extension"; request: { reservationId: string; ttlSeconds: number } & CommonFields }
  | { kind: "refund"; request: { recognitionId: string; amount?: string; comment?: string } & CommonFields }
  | { kind: "expiry"; request: { reservationId: string } };

export type Kind = Operation["kind"];
export type OperationOf<K extends Kind> = Extract<Operation, { kind: K }>;

/** All kinds; the compiler finds one that is missing. */
export const KINDS = Object.keys({
  deposit: true,
  withdrawal: true,
  transfer: true,
  reservation: true,
  recognition: true,
  release: true,
  extension: true,
  refund: true,
  expiry: true,
} satisfies Record<Kind, true>) as Kind[];

/** The kinds that make entries: an extension moves no money. */
export type EntryKind = Exclude<Kind, "extension">;
export const ENTRY_KINDS = KINDS.filter((kind): kind is EntryKind => kind !== "extension");

/** The purpose of a reservation. Not unique: an order may contain the same service twice. */
export type ReservationFields = { userId: string; serviceId: string; orderId: string };
export type ReservationRequest = ReservationFields & {
  amount: string;
  serviceName?: string;
  ttlSeconds?: number;
  comment?: string;
};
/**
 * By fields: exactly the reserved amount. By id: all that remains, or a part; `final` (the default) then releases the
 * rest.
 */
export type RecognitionRequest =
  | (ReservationFields & { amount: string; comment?: string })
  | { reservationId: string; amount?: string; final?: boolean; comment?: string };
export type ReleaseRequest =
  | (ReservationFields & { comment?: string })
  | { reservationId: string; amount?: string; comment?: string };

/** Final business outcomes without any change. A retry with the same key gets the same code. */
export const DECLINE_CODES = [
  "account_not_found",
  "insufficient_funds",
  "balance_limit_exceeded",
  "reservation_not_found",
  "reservation_ambiguous",
  "reservation_settled",
  "reservation_expired",
  "amount_mismatch",
  "exceeds_remaining",
  "recognition_not_found",
  "exceeds_recognized",
  "batch_aborted",
  "refused_by_ledger",
] as const;
export type DeclineCode = (typeof DECLINE_CODES)[number];

/**
 * The reason of a decline. `reservationIds` lists the candidates where the choice was ambiguous, or no amount matched.
 */
export type Decline = { code: DeclineCode; reservationIds?: string[] };

/**
 * The most candidates in a decline, the earliest deadlines first. Bounds the stored row and the response for an order
 * with thousands of reservations. A hundred are enough to find the right one.
 */
export const DECLINE_RESERVATIONS_MAX = 100;

/**
 * The outcome of an operation, without request fields and reservation ids. A local activity's result above 2 MiB fails
 * its workflow task repeatedly, so a thousand outcomes must stay small.
 */
export type Outcome =
  | { operationId: string; status: "completed" }
  | { operationId: string; status: "declined"; code: DeclineCode }
  /** The key belongs to another request, which is stored; this one is not recorded. */
  | { operationId: string; status: "mismatched" };

/** The fields that differ between two requests under one key, `kind` included. Empty for equal requests. */
export function differingFields(
  received: { kind: string; request: object },
  recorded: { kind: string; request: object },
): string[] {
  const left = received.request as Record<string, unknown>;
  const right = recorded.request as Record<string, unknown>;
  const names = [...Object.keys(left), ...Object.keys(right).filter((name) => !Object.hasOwn(left, name))];
  const differing = names.filter((name) => comparable(left[name]) !== comparable(right[name]));
  return received.kind === recorded.kind ? differing : ["kind", ...differing];
}

/** Metadata as text, in one order of its names. Other fields are compared as they are. */
function comparable(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
