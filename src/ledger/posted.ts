import type { Decision } from "./decide.ts";
import type { EntryKind } from "./operations.ts";
import type { BalanceAsOf, NewEntry, StoredEntry, StoredOperation } from "./records.ts";

/** What one posting has written: what whoever reads the ledger afterwards finds of it. */
export type Posted = {
  operations: StoredOperation[];
  /** In the order of their events: by user, then by version. */
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
    operations: decided.map(({ operation, ...result }) => {
      const { operationId, acceptedAt, caller: _, idempotencyKey: __, ...asked } = operation;
      const entry = firstEntries.get(operationId);
      return {
        operationId,
        workflowId,
        ...asked,
        ...result,
        createdAt: new Date(Math.min(Date.parse(acceptedAt), at.getTime())),
        completedAt: at,
        amountMinor: entry?.amountMinor ?? null,
        balance: entry
          ? {
              availableMinor: entry.availableAfterMinor,
              reservedMinor: entry.reservedAfterMinor,
              version: entry.version,
            }
          : null,
      };
    }),
    entries: entries.map((entry) => toStoredEntry(workflowId, entry, at)).toSorted(byUserAndVersion),
    balances: accounts.map(({ lastEntryAt: _, ...balance }) => ({ ...balance, asOf: at })),
  };
}

function toStoredEntry(workflowId: string, { operation, ...entry }: NewEntry, at: Date): StoredEntry {
  const { operationId, kind, request } = operation;
  const comment = "comment" in request ? (request.comment ?? null) : null;
  // An extension moves nothing, and makes no entry.
  return { ...entry, operationId, workflowId, kind: kind as EntryKind, comment, createdAt: at };
}

/** Ids are ASCII, so that the order of code units is the database's order of bytes. */
function byUserAndVersion(one: StoredEntry, other: StoredEntry): number {
  if (one.userId !== other.userId) return one.userId < other.userId ? -1 : 1;
  return one.version - other.version;
}
