import type { Decided, Decision } from "./decide.ts";
import type { EntryKind, Operation, Outcome, RequestOfKind } from "./operations.ts";
import type { BalanceAsOf, EntryTexts, NewEntry, Recognition, StoredEntry, StoredOperation } from "./records.ts";

/** The outcomes of one posting, and the rows that it wrote. They equal the result of a later SELECT. */
export type Posted = {
  /** One for each operation of the list, in its order. */
  outcomes: Outcome[];
  /** Decided by this posting. */
  operations: StoredOperation[];
  /** Stored before: their outcomes are repeated. */
  stored: StoredOperation[];
  /** In the order of the list; those of one user by version. */
  entries: StoredEntry[];
  balances: BalanceAsOf[];
  /** The outbox rows of the entries. */
  outboxIds: string[];
  /** The sagas whose reservations the posting changed, without its own workflow. */
  sagaWorkflowIds: string[];
};

/** The fields of a posting that its decision does not contain. */
export type PostingDetails = Pick<Posted, "stored" | "outboxIds" | "sagaWorkflowIds"> & { workflowId: string };

/** The rows of a committed decision, without reading them again. */
export function toPosted(decision: Decision, details: PostingDetails): Posted {
  const { at, decided, entries, accounts, outcomes } = decision;
  const { workflowId, ...rest } = details;
  // An operation's first entry is that of the requesting user. It gives the amount and the balance.
  const recognitions = new Map(decision.recognitions.map((one) => [one.recognitionId, one]));
  const names = new Map(decided.map(({ operation, serviceName }) => [operation.operationId, serviceName]));
  const firstEntries = new Map<string, NewEntry>();
  for (const entry of entries) {
    const { operationId } = entry.operation;
    if (!firstEntries.has(operationId)) firstEntries.set(operationId, entry);
  }
  return {
    ...rest,
    outcomes,
    operations: decided.map((one) =>
      toStored(workflowId, one, firstEntries.get(one.operation.operationId), at, recognitions),
    ),
    entries: entries.map((entry) => toStoredEntry(workflowId, entry, names.get(entry.operation.operationId)!, at)),
    balances: accounts.map(({ lastEntryAt: _, ...balance }) => ({ ...balance, asOf: at })),
  };
}

/** Joins several postings of one carrier: concatenates the lists. */
export function joinPosted(pieces: readonly Posted[]): Posted {
  return {
    outcomes: pieces.flatMap(({ outcomes }) => outcomes),
    operations: pieces.flatMap(({ operations }) => operations),
    stored: pieces.flatMap(({ stored }) => stored),
    entries: pieces.flatMap(({ entries }) => entries),
    balances: pieces.flatMap(({ balances }) => balances),
    outboxIds: pieces.flatMap(({ outboxIds }) => outboxIds),
    sagaWorkflowIds: pieces.flatMap(({ sagaWorkflowIds }) => sagaWorkflowIds),
  };
}

/** The row of a decided operation. `entry` is its first, where it made one, and `recognitions` are those changed. */
export function toStored(
  workflowId: string,
  { operation, ...decided }: Decided,
  entry: NewEntry | undefined,
  at: Date,
  recognitions: ReadonlyMap<string, Recognition>,
): StoredOperation {
  const { operationId, kind, request, acceptedAt, by = null, reason = null } = operation;
  return {
    operationId,
    workflowId,
    ...({ kind, request } as RequestOfKind),
    ...decided,
    by,
    reason,
    createdAt: new Date(Math.min(Date.parse(acceptedAt), at.getTime())),
    completedAt: at,
    amountMinor: entry?.amountMinor ?? null,
    releasedMinor: entry?.availableDeltaMinor ?? null,
    refundedMinor: recognitions.get(operationId)?.refundedMinor ?? null,
    balance: entry
      ? {
          userId: entry.userId,
          availableMinor: entry.availableAfterMinor,
          reservedMinor: entry.reservedAfterMinor,
          version: entry.version,
        }
      : null,
  };
}

/** Copies field by field. Spreading whole records was a tenth of a carrier's work under load. */
function toStoredEntry(workflowId: string, entry: NewEntry, serviceName: string | null, at: Date): StoredEntry {
  const { operationId, kind, request } = entry.operation;
  return {
    userId: entry.userId,
    version: entry.version,
    operationId,
    workflowId,
    // Extensions have no entries.
    kind: kind as EntryKind,
    amountMinor: entry.amountMinor,
    availableDeltaMinor: entry.availableDeltaMinor,
    reservedDeltaMinor: entry.reservedDeltaMinor,
    availableAfterMinor: entry.availableAfterMinor,
    reservedAfterMinor: entry.reservedAfterMinor,
    counterpartyUserId: entry.counterpartyUserId,
    reservationId: entry.reservationId,
    serviceId: entry.serviceId,
    orderId: entry.orderId,
    serviceName,
    ...entryTexts(request),
    createdAt: at,
  };
}

/** The texts of a request that its entries show; null where absent. */
export function entryTexts(request: Operation["request"]): EntryTexts {
  const { recognitionId, source, destination, comment, reference, metadata } = request as Partial<EntryTexts>;
  return {
    recognitionId: recognitionId ?? null,
    source: source ?? null,
    destination: destination ?? null,
    comment: comment ?? null,
    reference: reference ?? null,
    metadata: metadata ?? null,
  };
}
