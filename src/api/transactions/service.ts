import { describeEntry } from "../../ledger/description.ts";
import { formatAmount } from "../../ledger/money.ts";
import { ENTRY_KINDS, type EntryKind } from "../../ledger/operations.ts";
import type { StatementPage, StatementQuery, StoredEntry } from "../../ledger/records.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import type { Cursors } from "../paging/cursors.ts";
import { type PageQuery, readPage } from "../paging/pages.ts";
import { parsePeriod } from "./period.ts";

type Position = NonNullable<StatementPage["after"]>;

export type TransactionsDependencies = {
  /** Undefined where the user has had no credit yet. */
  readStatement(userId: string, page: StatementPage): Promise<StoredEntry[] | undefined>;
  /** Called with each balance before it is shown. */
  rememberShown(balance: { userId: string; version: number; asOf: Date }): void;
  cursors: Cursors;
  currency: string;
};

/** The query parameters, not parsed. */
type Parameters = PageQuery &
  Partial<Pick<StatementQuery, "sort" | "order">> & {
    [Name in "kind" | "serviceId" | "orderId" | "from" | "to"]?: string;
  };

export type Transactions = ReturnType<typeof createTransactions>;

export function createTransactions({ readStatement, rememberShown, cursors, currency }: TransactionsDependencies) {
  const view = (entry: StoredEntry) => ({
    operationId: entry.operationId,
    workflowId: entry.workflowId,
    kind: entry.kind,
    amount: formatAmount(entry.amountMinor),
    availableDelta: formatAmount(entry.availableDeltaMinor),
    reservedDelta: formatAmount(entry.reservedDeltaMinor),
    availableAfter: formatAmount(entry.availableAfterMinor),
    reservedAfter: formatAmount(entry.reservedAfterMinor),
    version: entry.version,
    counterpartyUserId: entry.counterpartyUserId,
    serviceId: entry.serviceId,
    serviceName: entry.serviceName,
    orderId: entry.orderId,
    reservationId: entry.reservationId,
    source: entry.source,
    destination: entry.destination,
    comment: entry.comment,
    reference: entry.reference,
    metadata: entry.metadata,
    description: describeEntry(entry, currency),
    createdAt: entry.createdAt.toISOString(),
  });

  return {
    /**
     * A page of a user's statement.
     *
     * @throws Problem `invalid_request`, `invalid_cursor`, `account_unknown`, `ledger_unavailable`
     */
    async list(userId: string, query: Parameters) {
      const statementQuery = readQuery(query);
      const { found, nextCursor } = await readPage<StoredEntry>(cursors, query, {
        name: nameList(userId, statementQuery),
        async read(position, limit) {
          const after = position === undefined ? undefined : parsePosition(position);
          const entries = await orUnavailable(readStatement(userId, { ...statementQuery, after, limit }));
          if (!entries) throw new Problem("account_unknown");
          for (const { version, createdAt } of entries) rememberShown({ userId, version, asOf: createdAt });
          return entries;
        },
        positionOf: formatPosition,
      });
      return { items: found.map(view), nextCursor };
    },
  };
}

function readQuery({ sort = "date", order = "desc", kind, serviceId, orderId, ...period }: Parameters): StatementQuery {
  const kinds = kind === undefined ? undefined : parseKinds(kind);
  return { sort, order, kinds, serviceId, orderId, ...parsePeriod(period) };
}

/** The kinds in one order, so that a cursor does not depend on theirs. Undefined for all kinds. */
function parseKinds(kind: string): EntryKind[] | undefined {
  const listed = new Set<string>(kind.split(","));
  return listed.size === ENTRY_KINDS.length ? undefined : ENTRY_KINDS.filter((one) => listed.has(one));
}

function nameList(userId: string, { sort, order, kinds, ...filters }: StatementQuery): string {
  return JSON.stringify(["transactions", userId, Object.entries({ sort, order, kind: kinds?.join(), ...filters })]);
}

function formatPosition({ amountMinor, version }: Position): string {
  return `${amountMinor}:${version}`;
}

function parsePosition(position: string): Position {
  const [amountMinor, version] = position.split(":") as [string, string];
  return { amountMinor: BigInt(amountMinor), version: Number(version) };
}
