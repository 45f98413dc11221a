import { createHash } from "node:crypto";
import type { QueryConfig } from "pg";
import { ENTRY_KINDS } from "../../ledger/operations.ts";
import type { StatementPage } from "../../ledger/records.ts";
import type { VersionRange } from "./versions.ts";

/**
 * Entries of a period of this size are read and sorted. Among the amounts of a large account a search for them takes
 * longer.
 */
const SORTED_MAX = 5_000n;

/** The largest bigint: more than any amount or version. */
const BEYOND = 9_223_372_036_854_775_807n;

/**
 * Composes the statement of one page for its filters and its order.
 * One text for all combinations would get a plan that suits none of them. A subquery selects the keys of the page, then
 * each row is looked up by primary key. The keys come from:
 *
 * - by date: the primary key or the index of the filter, in the order of versions (`keysOf`);
 * - of several kinds: the keys of each, merged (`keysOfKinds`);
 * - by amount of a service or a kind: the filter's index by amount (`keysByAmount`);
 * - by amount without a filter: the indexes by amount of all kinds, merged (`keysByAmount`);
 * - by amount of an order, or of a period of at most SORTED_MAX entries: all of these, sorted (`fewKeysByAmount`).
 */
export function composePage(userId: string, page: StatementPage, range: VersionRange): QueryConfig {
  const { sort, order, after, limit } = page;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const user = bind(userId);
  const filters = Object.entries({ order_id: page.orderId, service_id: page.serviceId })
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} = ${bind(value)}`);
  /** A condition for each kind. Empty for all kinds. */
  const kinds = (page.kinds ?? []).map((kind) => `kind = ${bind(kind)}`);
  const isPeriod = [page.from, page.to, page.last].some((end) => end !== undefined);

  const keys = sort === "date" ? ["version"] : ["amount_minor", "version"];
  const position = after && (sort === "date" ? [after.version] : [after.amountMinor, after.version]);
  const lowest = sort === "date" ? [range.first - 1n] : [0n, 0n];
  const highest = sort === "date" ? [range.end] : [BEYOND, BEYOND];
  const low = (order === "asc" && position ? position : lowest).map(bind);
  const high = (order === "desc" && position ? position : highest).map(bind);
  /** After the position `after` and within the range; both ends are exclusive. */
  const between = `(${keys}) > (${low}) and (${keys}) < (${high})`;
  const ending = `order by ${keys.map((key) => `${key} ${order}`).join(", ")} limit ${bind(limit)}`;

  /** By date, or by amount of a service or a kind: scans the filter's index. */
  function keysOf(conditions: string[]): string {
    const all = [`user_id = ${user}`, ...conditions, between];
    return `select ${keys} from entries where ${all.join(" and ")} ${ending}`;
  }

  /** One index scan cannot return several kinds in order, so there is one for each. */
  function keysOfKinds(conditions: string[], conditionsOfKinds: string[]): string {
    if (conditionsOfKinds.length <= 1) return keysOf([...conditions, ...conditionsOfKinds]);
    const ofEach = conditionsOfKinds.map((ofKind) => `(${keysOf([...conditions, ofKind])})`);
    return `${ofEach.join(" union all ")} ${ending}`;
  }

  /**
   * By amount: merged over all kinds where no filter is set. A period is checked within the index, which saves reading
   * other entries.
   */
  function keysByAmount(): string {
    // Filters in the order of amounts. A plain `version` would lead the planner to read the period and sort it.
    const period = isPeriod ? [`version + 0 >= ${bind(range.first)}`, `version + 0 < ${bind(range.end)}`] : [];
    const isFiltered = filters.length > 0 || kinds.length > 0;
    const merged = isFiltered ? kinds : ENTRY_KINDS.map((kind) => `kind = '${kind}'`);
    return keysOfKinds([...filters, ...period], merged);
  }

  /** By amount, of an order or a short period: reads few entries and sorts them. */
  function fewKeysByAmount(): string {
    const period = [`version >= ${bind(range.first)}`, `version < ${bind(range.end)}`];
    const own = page.orderId === undefined ? period : [filters[0], ...period];
    const ofKinds = kinds.length > 0 ? [`(${kinds.join(" or ")})`] : [];
    const others = [...(page.orderId === undefined ? filters : filters.slice(1)), ...ofKinds];
    return `
      with few as materialized (
        select kind, service_id, amount_minor, version from entries where user_id = ${user} and ${own.join(" and ")}
      )
      select ${keys} from few where ${[between, ...others].join(" and ")} ${ending}`;
  }

  const areFew = page.orderId !== undefined || (isPeriod && range.end - range.first <= SORTED_MAX);
  const ofPage = sort === "date" ? keysOfKinds(filters, kinds) : areFew ? fewKeysByAmount() : keysByAmount();
  const text = `
    select entry.*, operation.workflow_id, operation.request,
           (select name from services where services.service_id = entry.service_id) as service_name
    from (${ofPage}) as page
    cross join lateral (
      select * from entries where entries.user_id = ${user} and entries.version = page.version limit 1
    ) as entry
    cross join lateral (
      select workflow_id, request from operations where operations.id = entry.operation_id limit 1
    ) as operation
    order by ${keys.map((key) => `page.${key} ${order}`).join(", ")}`;
  return { name: `statement-${createHash("sha256").update(text).digest("base64url")}`, text, values };
}
