import type { Decision } from "./decide.ts";
import type { EntryKind, Outcome, RequestOfKind } from "./operations.ts";
import type { BalanceAsOf, NewEntry, StoredEntry, StoredOperation } from "./records.ts";

/** What one posting came to, and the rows that it wrote, as a later SELECT returns them. */
export type Posted = {
  /** One for each operation of the list, in its order. */
  outcomes: Outcome[];
  /** Decided by this posting. */
  operations: StoredOperation[];
  /** Stored before: their outcomes are repeated. */
  stored: StoredOperation[];
  /** In the order of the list, in which those of a user are in the order of their versions. */
  entries: StoredEntry[];
  balances: BalanceAsOf[];
  /** The outbox rows that name the entries. */
  outboxIds: string[];
  /** The sagas whose reservations the posting changed, that of its own workflow left out. */
  sagaWorkflowIds: string[];
};

/** What the decision leaves out and a posting knows. */
export type PostingDetails = Pick<Posted, "stored" | "outboxIds" | "sagaWorkflowIds"> & { workflowId: string };

/** The rows of a decision once it is committed, without reading them again. */
export function toPosted(decision: Decision, details: PostingDetails): Posted {
  const { at, decided, entries, accounts, outcomes } = decision;
  const { workflowId, ...rest } = details;
  // The first entry of an operation is that of the user who asked, and gives the amount and the balance.
  const firstEntries = new Map<string, NewEntry>();
  for (const entry of entries) {
    const { operationId } = entry.operation;
    if (!firstEntries.has(operationId)) firstEntries.set(operationId, entry);
  }
  return {
    ...rest,
    outcomes,
    operations: decided.map(({ operation, decline, reservationId, expiresAt }) => {
      const { operationId, kind, request, acceptedAt } = operation;
      const entry = firstEntries.get(operationId);
      return {
        operationId,
        workflowId,
        ...({ kind, request } as RequestOfKind),
        decline,
        reservationId,
        expiresAt,
        createdAt: new Date(Math.min(Date.parse(acceptedAt), at.getTime())),
        completedAt: at,
        amountMinor: entry?.amountMinor ?? null,
        balance: entry
          ? {
              userId: entry.userId,
              availableMinor: entry.availableAfterMinor,
              reservedMinor: entry.reservedAfterMinor,
              version: entry.version,
            }
          : null,
      };
    }),
    entries: entries.map((entry) => toStoredEntry(workflowId, entry, at)),
    balances: accounts.map(({ lastEntryAt: _, ...balance }) => ({ ...balance, asOf: at })),
  };
}

/** Several postings of one carrier as one: the lists one after the other. */
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

/** Written out field by field: spreading whole records was a tenth of a carrier's work under load. */
function toStoredEntry(workflowId: string, entry: NewEntry, at: Date): StoredEntry {
  const { operationId, kind, request } = entry.operation;
  return {
    userId: entry.userId,
    version: entry.version,
    operationId,
    workflowId,
    // An extension makes no entry.
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
    comment: "comment" in request ? (request.comment ?? null) : null,
    createdAt: at,
  };
}
