import type { Decision } from "./decide.ts";
import type { EntryKind, RequestOfKind } from "./operations.ts";
import type { BalanceAsOf, NewEntry, StoredEntry, StoredOperation } from "./records.ts";

/** What one posting has written: what whoever reads the ledger afterwards finds of it. */
export type Posted = {
  operations: StoredOperation[];
  /** In the order of the list, in which those of a user are in the order of their versions. */
  entries: StoredEntry[];
  balances: BalanceAsOf[];
};

/** What a decision is once it is written on behalf of the carrier `workflowId`, without reading it again. */
export function toPosted(workflowId: string, { at, decided, entries, accounts }: Decision): Posted {
  // An operation's first entry is that of the user who asked, and tells what it came to.
  const firstEntries = new Map<string, NewEntry>();
  for (const entry of entries) {
    const { operationId } = entry.operation;
    if (!firstEntries.has(operationId)) firstEntries.set(operationId, entry);
  }
  return {
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

/** Written out: copying whole records was a tenth of the work of a carrier under load. */
function toStoredEntry(workflowId: string, entry: NewEntry, at: Date): StoredEntry {
  const { operationId, kind, request } = entry.operation;
  return {
    userId: entry.userId,
    version: entry.version,
    operationId,
    workflowId,
    // An extension moves nothing, and makes no entry.
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
