/**
 * One shape of an operation serves from the HTTP route to the stored row, so nothing is converted, and nothing lost, on the way.
 * `request` holds the fields as the caller sent them, parsed: absent fields are absent, an amount is a decimal string with two decimals.
 */
export type Operation = {
  operationId: string;
  /** The `sub` of the token that asked; null for what Saldo does by itself: an expiry, an operator's release. */
  caller: string | null;
  idempotencyKey: string | null;
  /** When the API took it, RFC 3339 in UTC. */
  acceptedAt: string;
} & RequestOfKind;

export type RequestOfKind =
  | { kind: "deposit"; request: DepositRequest }
  | { kind: "withdrawal"; request: WithdrawalRequest }
  | { kind: "transfer"; request: TransferRequest }
  | { kind: "reservation"; request: ReservationRequest }
  | { kind: "recognition"; request: RecognitionRequest }
  | { kind: "release"; request: ReleaseRequest }
  | { kind: "extension"; request: ExtensionRequest }
  | { kind: "refund"; request: RefundRequest }
  | { kind: "expiry"; request: ExpiryRequest };

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

export type DepositRequest = { userId: string; amount: string; comment?: string; source?: string };
export type WithdrawalRequest = { userId: string; amount: string; comment?: string; destination?: string };
export type TransferRequest = { fromUserId: string; toUserId: string; amount: string; comment?: string };

/** What a reservation is for; an order may hold the same service twice. */
export type ReservationFields = { userId: string; serviceId: string; orderId: string };
export type ReservationRequest = ReservationFields & {
  amount: string;
  serviceName?: string;
  ttlSeconds?: number;
  comment?: string;
};
/** By its fields, exactly what it holds; or by its id, all that remains or a part, of which `final` (the default) releases the rest. */
export type RecognitionRequest =
  | (ReservationFields & { amount: string; comment?: string })
  | { reservationId: string; amount?: string; final?: boolean; comment?: string };
export type ReleaseRequest =
  | (ReservationFields & { comment?: string })
  | { reservationId: string; amount?: string; comment?: string };
export type ExtensionRequest = { reservationId: string; ttlSeconds: number };
export type RefundRequest = { recognitionId: string; amount?: string; comment?: string };
export type ExpiryRequest = { reservationId: string };

/** Final business answers: nothing changed, and a retry with the same key gets the same one. */
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

/** Why an operation is declined; with the reservations among which it could not choose, at most so many of them. */
export type Decline = { code: DeclineCode; reservationIds?: string[] };

/**
 * Of those a decline names the first by deadline: one reads a hundred to find the one that was meant, and a caller's order that holds
 * thousands must not make each decline about it a row, and an answer, of thousands.
 */
export const DECLINE_RESERVATIONS_MAX = 100;

/**
 * What became of an operation. It carries no request fields and no reservation ids: a result of a local activity above 2 MiB fails its
 * workflow task again and again, so a thousand outcomes must stay small.
 */
export type Outcome =
  | { operationId: string; status: "completed" }
  | { operationId: string; status: "declined"; code: DeclineCode }
  /** The key belongs to another request, which is stored; this one is not recorded. */
  | { operationId: string; status: "mismatched" };

/** Names the fields in which two requests under one key differ, `kind` among them; empty where they are the same request. */
export function differingFields(
  asked: { kind: string; request: object },
  recorded: { kind: string; request: object },
): string[] {
  const left = asked.request as Record<string, unknown>;
  const right = recorded.request as Record<string, unknown>;
  const names = [...Object.keys(left), ...Object.keys(right).filter((name) => !Object.hasOwn(left, name))];
  const differing = names.filter((name) => left[name] !== right[name]);
  return asked.kind === recorded.kind ? differing : ["kind", ...differing];
}
