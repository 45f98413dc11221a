import { useState } from "preact/hooks";
import { useSigned } from "./context.ts";
import { money } from "./format.ts";
import { useLoad, usePages } from "./load.ts";
import { Badge, Empty, FailureBox, Loading, MoreButton, Name, StaleNote, Time } from "./parts.tsx";
import { ReservationCard } from "./reservationList.tsx";
import { formatRoute } from "./route.ts";
import { sentenceOf } from "./sentences.ts";
import { T } from "./texts.ts";
import { fieldsOf, type Operation } from "./types.ts";

/** The parameter of the API for each of these views. */
const FILTERS = {
  order: "orderId",
  reference: "reference",
  workflow: "workflowId",
  account: "userId",
  settlements: "reservationId",
  key: "idempotencyKey",
} as const;

/** All operations with one order, reference, workflow, user, reservation or key. An order has reservations too. */
export function OperationsOf({ by, id, query }: { by: string; id: string; query: URLSearchParams }) {
  const [changes, setChanges] = useState(0);
  const version = `${changes}`;
  const caller = query.get("caller");
  const filter = { [FILTERS[by as keyof typeof FILTERS]]: id, ...(caller && { caller }) };
  return (
    <>
      <h1>
        {T.titles[by]} <Name>{id}</Name>
      </h1>
      {by === "order" && (
        <OrderReservations orderId={id} version={version} onChanged={() => setChanges((count) => count + 1)} />
      )}
      <section class="card">
        <h2>{T.operation.list}</h2>
        <OperationList filter={filter} version={version} empty={T.operation.none} />
      </section>
    </>
  );
}

function OrderReservations(props: { orderId: string; version: string; onChanged(): void }) {
  const { orderId, version, onChanged } = props;
  const { api } = useSigned();
  const list = usePages(
    orderId,
    (cursor) =>
      api.read((http) =>
        http.GET("/v1/reservations", {
          params: { query: { orderId, limit: 20, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
    version,
  );
  // Reservations have amounts alone; all operations have one currency.
  const { data } = useLoad(orderId, () =>
    api.read((http) => http.GET("/v1/operations", { params: { query: { orderId, limit: 1 } } })),
  );
  const currency = data?.items[0] && fieldsOf(data.items[0]).currency;
  return (
    <ReservationCard
      title={T.reservation.list}
      empty={T.reservation.noneOfOrder}
      list={list}
      currency={currency ?? ""}
      onChanged={onChanged}
    />
  );
}

/** The operations that match a filter, the newest first. */
export function OperationList(props: { filter: Record<string, string>; version: string; empty: string }) {
  const { filter, version, empty } = props;
  const { api } = useSigned();
  const list = usePages(
    JSON.stringify(filter),
    (cursor) =>
      api.read((http) =>
        http.GET("/v1/operations", {
          params: { query: { ...filter, limit: 20, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
    version,
  );
  const { items, failure, reload } = list;
  return (
    <>
      <StaleNote failure={items ? failure : undefined} retry={reload} />
      {!items && (failure ? <FailureBox failure={failure} retry={reload} /> : <Loading />)}
      {items?.length === 0 && !list.hasMore && <Empty title={empty} />}
      {items && items.length > 0 && (
        <ul class="rows operations">
          {items.map((operation) => (
            <OperationRow key={operation.operationId} operation={operation} />
          ))}
        </ul>
      )}
      <MoreButton list={list} />
    </>
  );
}

export function OperationRow({ operation }: { operation: Operation }) {
  const { can } = useSigned();
  const { operationId, workflowId, kind, status } = operation;
  const { amount, completedAt, currency, code } = fieldsOf(operation);
  return (
    <li>
      <span class="when">
        {completedAt && <Time at={completedAt} />}
        <span class="fine">{T.kinds[kind]}</span>
      </span>
      <span class="what">
        <Name>{sentenceOf(operation)}</Name>
        <span class="links">
          <Badge tone={status === "completed" ? "good" : status === "declined" ? "bad" : "warn"}>
            {T.operation.statuses[status]}
          </Badge>
          {code && <span class="fine">{T.failures[code]}</span>}
          {can("balance:read") && (
            <a href={formatRoute("operation", operationId, { workflow: workflowId })}>{T.operation.open}</a>
          )}
        </span>
      </span>
      <span class="sums">{amount && <span class="sum">{money(amount, currency)}</span>}</span>
    </li>
  );
}
