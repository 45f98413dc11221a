import { hasNoToken } from "./refuseTokens.ts";
import { formatRoute, navigate } from "./route.ts";
import { T } from "./texts.ts";
import type { Entry } from "./types.ts";

const SORTS = {
  newest: { sort: "date", order: "desc" },
  oldest: { sort: "date", order: "asc" },
  largest: { sort: "amount", order: "desc" },
} as const;
type Sort = keyof typeof SORTS;

const FIELDS = ["kind", "from", "to", "serviceId", "orderId", "sort"] as const;

/** The query of the API for the filters in the address. Days are those of the browser's zone, both included. */
export function readFilters(query: URLSearchParams) {
  const text = (name: string) => query.get(name) ?? "";
  const [serviceId, orderId, kind] = [text("serviceId"), text("orderId"), text("kind") as Entry["kind"]];
  return {
    ...(kind && { kind: [kind] }),
    ...readPeriod(query),
    ...(serviceId && { serviceId }),
    ...(orderId && { orderId }),
    ...SORTS[(text("sort") || "newest") as Sort],
  };
}

export function readPeriod(query: URLSearchParams): { from?: string; to?: string } {
  const [from, to] = [startOf(query.get("from"), 0), startOf(query.get("to"), 1)];
  return { ...(from && { from }), ...(to && { to }) };
}

/** The first instant of a day, or of one some days later. */
function startOf(day: string | null, plusDays: number): string | undefined {
  const start = new Date(`${day}T00:00:00`);
  if (!day || Number.isNaN(start.getTime())) return undefined;
  start.setDate(start.getDate() + plusDays);
  return start.toISOString();
}

/** The filters are part of the address. Back, reloading and a new token keep them. */
export function StatementFilters({ userId, query }: { userId: string; query: URLSearchParams }) {
  const apply = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const filters = FIELDS.map((name) => [name, `${data.get(name) ?? ""}`.trim()]);
    navigate(formatRoute("user", userId, Object.fromEntries(filters)));
  };
  const text = (name: (typeof FIELDS)[number]) => query.get(name) ?? "";
  return (
    <form
      class="filters"
      key={query.toString()}
      aria-label={T.statement.filters}
      onSubmit={(event) => {
        event.preventDefault();
        if (hasNoToken(event.currentTarget)) apply(event.currentTarget);
      }}
    >
      <label>
        {T.statement.kind}
        <select name="kind">
          <option value="">{T.statement.allKinds}</option>
          {Object.entries(T.kinds).map(
            ([kind, name]) =>
              kind !== "extension" && (
                <option key={kind} value={kind} selected={text("kind") === kind}>
                  {name}
                </option>
              ),
          )}
        </select>
      </label>
      <label>
        {T.statement.from}
        <input type="date" name="from" defaultValue={text("from")} />
      </label>
      <label>
        {T.statement.to}
        <input type="date" name="to" defaultValue={text("to")} />
      </label>
      <label>
        {T.fields.serviceId}
        <input name="serviceId" autocomplete="off" defaultValue={text("serviceId")} />
      </label>
      <label>
        {T.fields.orderId}
        <input name="orderId" autocomplete="off" defaultValue={text("orderId")} />
      </label>
      <label>
        {T.statement.sort}
        <select name="sort">
          {Object.entries(T.statement.sorts).map(([sort, name]) => (
            <option key={sort} value={sort} selected={(text("sort") || "newest") === sort}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span class="buttons">
        <button type="submit">{T.statement.apply}</button>
        {query.size > 0 && <a href={formatRoute("user", userId)}>{T.statement.clear}</a>}
      </span>
    </form>
  );
}
