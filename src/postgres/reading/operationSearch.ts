import type { Pool, QueryConfig } from "pg";
import type { OperationPosition, OperationQuery, StoredOperation } from "../../ledger/records.ts";
import { findOperations } from "../posting/operations.ts";
import { findVersions, type VersionRange } from "./versions.ts";

/** The columns that can lead a search, the most selective first. All but the user's have an index in its order. */
const LEADING = [
  ["operationId", "id"],
  ["reservationId", "reservation_id"],
  ["reference", "reference"],
  ["orderId", "order_id"],
  ["workflowId", "workflow_id"],
  ["userId", "user_id"],
  ["serviceId", "service_id"],
] as const;

/** The most operations that a page examines, and those of one statement. They bound its time. */
const EXAMINED_MAX = 10_000;
const EXAMINED_PIECE = 1_000;

/** Before the first ordinal. */
const BELOW_ORDINALS = -1n;

type Found = { id: string; completed_at: Date; ordinal: bigint; matches: boolean };

/** `next` is the place to continue from, undefined at the end. A page may then have fewer than `limit`. */
export type OperationsFound = { operations: StoredOperation[]; next: OperationPosition | undefined };

/**
 * Finds operations of all users, declined ones too: the newest `limit` behind `after`.
 * The most selective filter leads, in the order of an index. The others are checked on each operation, at most
 * EXAMINED_MAX a page.
 */
export async function searchOperations(
  pool: Pool,
  query: OperationQuery,
  after: OperationPosition | undefined,
  limit: number,
): Promise<OperationsFound> {
  const matching: Found[] = [];
  let last = after;
  let examined = 0;
  let isMore = true;
  // One more than the page has shows whether there is a next page.
  while (isMore && matching.length <= limit && examined < EXAMINED_MAX) {
    const size = isFiltered(query) ? EXAMINED_PIECE : limit + 1;
    const rows = await examine(pool, query, last, size);
    matching.push(...rows.filter(({ matches }) => matches));
    examined += rows.length;
    isMore = rows.length === size;
    last = rows.length > 0 ? toPosition(rows.at(-1)!) : last;
  }
  const page = matching.slice(0, limit);
  const stored = await findOperations(
    pool,
    page.map(({ id }) => id),
  );
  const byId = new Map(stored.map((one) => [one.operationId, one]));
  return {
    operations: page.map(({ id }) => byId.get(id)!),
    next: matching.length > limit ? toPosition(page.at(-1)!) : isMore ? last : undefined,
  };
}

/** Whether the search has other filters than the leading one and the period. */
function isFiltered(query: OperationQuery): boolean {
  const { from: _, to: __, ...filters } = query;
  return Object.values(filters).filter((value) => value !== undefined).length > 1;
}

async function examine(
  pool: Pool,
  query: OperationQuery,
  after: OperationPosition | undefined,
  limit: number,
): Promise<Found[]> {
  const [leading] = LEADING.filter(([name]) => query[name] !== undefined);
  if (!leading) throw new Error("A search needs a filter with an index");
  let versions: VersionRange | undefined;
  if (leading[0] === "userId") {
    // Entries have times of whole milliseconds. The ordinal is the order within one.
    const to = after ? new Date(after.completedAt.getTime() + 1) : query.to;
    versions = await findVersions(pool, query.userId!, { from: query.from, to });
  }
  const { rows } = await pool.query<Found>(compose(query, leading, after, versions, limit));
  return rows;
}

/**
 * Composes the statement that examines operations in order.
 * Each combination of filters has its own text, so that each gets its own plan. Completed operations of a user are
 * found by the versions of their entries. Declined ones and extensions have no entry, and indexes of their own.
 */
function compose(
  query: OperationQuery,
  [leadingName, leadingColumn]: (typeof LEADING)[number],
  after: OperationPosition | undefined,
  versions: VersionRange | undefined,
  limit: number,
): QueryConfig {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const leading = bind(query[leadingName]);
  const high = after ? [after.completedAt, after.ordinal] : query.to && [query.to, BELOW_ORDINALS];
  const period = [
    ...(high ? [`(completed_at, ordinal) < (${high.map(bind)})`] : []),
    ...(query.from ? [`completed_at >= ${bind(query.from)}`] : []),
  ];

  const filters = LEADING.flatMap(([name, column]) => {
    if (name === leadingName || query[name] === undefined) return [];
    const value = bind(query[name]);
    return [name === "userId" ? `${value} in (user_id, counterparty_user_id)` : `${column} = ${value}`];
  });
  if (query.kinds) filters.push(`kind = any (${bind(query.kinds)})`);
  if (query.status) filters.push(`status = ${bind(query.status)}`);
  if (query.code) filters.push(`decline_code = ${bind(query.code)}`);
  // A comparison with a null is null, which is no match.
  const matches = filters.length > 0 ? `coalesce(${filters.join(" and ")}, false)` : "true";
  const columns = `id, completed_at, ordinal, ${matches} as matches`;
  const ending = `order by completed_at desc, ordinal desc limit ${bind(limit)}`;

  const select = (...conditions: string[]) =>
    `select ${columns} from operations where ${[...conditions, ...period].join(" and ")} ${ending}`;
  const branches =
    leadingName === "userId"
      ? [
          select(`user_id = ${leading}`, "version is null"),
          select(`counterparty_user_id = ${leading}`, "version is null"),
          ...(versions ? [selectByEntries(versions)] : []),
        ]
      : [select(`${leadingColumn} = ${leading}`)];

  function selectByEntries({ first, end }: VersionRange): string {
    return `
      select ${columns}
      from (
        select operation_id, version as place from entries
        where user_id = ${leading} and version >= ${bind(first)} and version < ${bind(end)}
      ) as entry
      cross join lateral (select * from operations where operations.id = entry.operation_id limit 1) as operation
      where ${["true", ...period].join(" and ")}
      order by place desc
      limit ${bind(limit)}`;
  }

  const text =
    branches.length === 1 ? branches[0]! : `${branches.map((one) => `(${one})`).join("\nunion all\n")} ${ending}`;
  // Without a name: a connection would keep a prepared statement for each combination.
  return { text, values };
}

function toPosition({ completed_at, ordinal }: Found): OperationPosition {
  return { completedAt: completed_at, ordinal };
}
