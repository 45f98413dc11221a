import { formatCsv } from "../../ledger/csv.ts";
import { describeEntry } from "../../ledger/description.ts";
import { formatAmount } from "../../ledger/money.ts";
import { ENTRY_KINDS, type EntryKind } from "../../ledger/operations.ts";
import type { Balance, StatementPage, StatementQuery, StoredEntry } from "../../ledger/records.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import { readAhead } from "../http/streamedFile.ts";
import type { Cursors } from "../paging/cursors.ts";
import { type PageQuery, readPage } from "../paging/pages.ts";
import { parsePeriod } from "../period.ts";
import { Transaction } from "./model.ts";

/** Entries that a CSV reads at once. It bounds the memory of each reader, and the time on the event loop. */
const PIECE_SIZE = 500;

type Position = NonNullable<StatementPage["after"]>;

export type TransactionsDependencies = {
  /** Undefined where the user has had no credit yet. */
  readStatement(userId: string, page: StatementPage): Promise<StoredEntry[] | undefined>;
  /** Undefined where the user has had no credit yet. */
  readBalance(userId: string): Promise<Balance | undefined>;
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

export function createTransactions(dependencies: TransactionsDependencies) {
  const { readStatement, readBalance, rememberShown, cursors, currency } = dependencies;

  /** The fields of an item. Amounts are minor units. */
  const fieldsOf = (entry: StoredEntry) => ({
    operationId: entry.operationId,
    workflowId: entry.workflowId,
    kind: entry.kind,
    amount: entry.amountMinor,
    availableDelta: entry.availableDeltaMinor,
    reservedDelta: entry.reservedDeltaMinor,
    availableAfter: entry.availableAfterMinor,
    reservedAfter: entry.reservedAfterMinor,
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

  const toRow = (entry: StoredEntry) => {
    const fields = { ...fieldsOf(entry), metadata: entry.metadata && JSON.stringify(entry.metadata) };
    return COLUMNS.map((column) => fields[column]);
  };

  /** @throws Problem `account_unknown`, `ledger_unavailable` */
  async function read(userId: string, page: StatementPage): Promise<StoredEntry[]> {
    const entries = await orUnavailable(readStatement(userId, page));
    if (!entries) throw new Problem("account_unknown");
    for (const { version, createdAt } of entries) rememberShown({ userId, version, asOf: createdAt });
    return entries;
  }

  /** The pieces of a CSV, the first of them with the header. Between two of them it holds no connection. */
  async function* writePieces(userId: string, query: Omit<StatementPage, "after" | "limit">) {
    let after: StatementPage["after"];
    let text = formatCsv([COLUMNS]);
    for (let isLast = false; !isLast; text = "") {
      const entries = await read(userId, { ...query, after, limit: PIECE_SIZE });
      after = entries.at(-1);
      isLast = entries.length < PIECE_SIZE;
      yield text + formatCsv(entries.map(toRow));
    }
  }

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
        read(position, limit) {
          const after = position === undefined ? undefined : parsePosition(position);
          return read(userId, { ...statementQuery, after, limit });
        },
        positionOf: formatPosition,
      });
      return { items: found.map((entry) => formatAmounts(fieldsOf(entry))), nextCursor };
    },

    /**
     * The whole statement as CSV, up to the last entry of now.
     *
     * The first piece is read before the answer begins. A later error breaks the file off.
     *
     * @throws Problem `invalid_request`, `account_unknown`, `ledger_unavailable`
     */
    async writeCsv(userId: string, query: Parameters): Promise<AsyncGenerator<string>> {
      const paging = (["limit", "cursor"] as const).filter((name) => query[name] !== undefined);
      if (paging.length > 0) {
        throw invalidRequest(paging.map((field) => ({ field, message: "must be omitted: a CSV has all entries" })));
      }
      const statementQuery = readQuery(query);
      const balance = await orUnavailable(readBalance(userId));
      if (!balance) throw new Problem("account_unknown");
      return await readAhead(writePieces(userId, { ...statementQuery, last: balance.version }));
    },
  };
}

const COLUMNS = Object.keys(Transaction.properties) as (keyof typeof Transaction.properties)[];

type Formatted<Fields> = { [Name in keyof Fields]: Fields[Name] extends bigint ? string : Fields[Name] };

function formatAmounts<Fields extends object>(fields: Fields): Formatted<Fields> {
  const formatted = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "bigint" ? formatAmount(value) : value,
  ]);
  return Object.fromEntries(formatted);
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
