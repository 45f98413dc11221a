import { useEffect } from "preact/hooks";
import { orAbsent } from "./api.ts";
import { useSigned } from "./context.ts";
import { isZero, money } from "./format.ts";
import { useLoad } from "./load.ts";
import { OperationFields } from "./operationFields.tsx";
import { eventStateOf } from "./outbox.ts";
import { Badge, Empty, FailureBox, Loading, Name, OuterLink, StaleNote } from "./parts.tsx";
import { RefundButton } from "./refundButton.tsx";
import { scrapeMetrics } from "./scrape.ts";
import { sentenceOf } from "./sentences.ts";
import { Story } from "./story.tsx";
import { storyOf } from "./storyOf.ts";
import { T } from "./texts.ts";
import { fieldsOf } from "./types.ts";

const PENDING_POLL_MS = 2_000;

/** One operation: its fields, its story and its workflow. A pending one is read again until it is finished. */
export function Operation({ operationId, query }: { operationId: string; query: URLSearchParams }) {
  const { api } = useSigned();
  const workflowId = query.get("workflow");
  const { data, failure, reload } = useLoad(operationId, async () => {
    const params = { path: { operationId }, query: { ...(workflowId !== null && { workflowId }) } };
    const operation = await api.read((http) => http.GET("/v1/operations/{operationId}", { params }));
    const { reservationId, completedAt } = fieldsOf(operation);
    const path = { reservationId: reservationId ?? "" };
    const reservation =
      reservationId && operation.status !== "pending"
        ? await orAbsent(api.read((http) => http.GET("/v1/reservations/{reservationId}", { params: { path } })))
        : undefined;
    // After the operation, so that an empty outbox proves its event published.
    const scrape = completedAt === undefined ? undefined : await scrapeMetrics(api).catch(() => undefined);
    const event = completedAt && scrape ? eventStateOf(completedAt, scrape) : ("unknown" as const);
    return { operation, reservation, event };
  });
  const isPending = data?.operation.status === "pending" || data?.event === "waiting";
  useEffect(() => {
    if (!isPending) return;
    const timer = setInterval(reload, PENDING_POLL_MS);
    return () => clearInterval(timer);
  }, [isPending, reload]);

  if (!data) {
    return (
      <>
        <h1>
          {T.titles.operation} <Name>{operationId}</Name>
        </h1>
        {failure?.code === "operation_unknown" ? (
          <Empty title={T.failures.operation_unknown}>{T.operation.unknownHint}</Empty>
        ) : failure ? (
          <FailureBox failure={failure} retry={reload} />
        ) : (
          <Loading />
        )}
      </>
    );
  }
  const { operation, reservation, event } = data;
  const { kind, status, links } = operation;
  const { amount, currency = "", code, refundable = "0.00", userId = "" } = fieldsOf(operation);
  return (
    <>
      <h1>
        {T.kinds[kind]} {amount && <span class="nowrap">{money(amount, currency)}</span>}{" "}
        <Badge tone={status === "completed" ? "good" : status === "declined" ? "bad" : "warn"}>
          {T.operation.statuses[status]}
        </Badge>
      </h1>
      <StaleNote failure={failure} retry={reload} />
      <p>
        <Name>{sentenceOf(operation)}</Name>
      </p>
      {code && (
        <div class="notice bad">
          <p>
            <strong>{T.failures[code]}</strong>
          </p>
          <p class="fine">
            {T.failure.code} <code>{code}</code>
          </p>
        </div>
      )}
      <div class="buttons">
        {kind === "recognition" && status === "completed" && (
          <RefundButton
            operationId={operationId}
            userId={userId}
            currency={currency}
            about={sentenceOf(operation)}
            isRefundable={!isZero(refundable)}
            onChanged={reload}
          />
        )}
        <OuterLink href={links.temporal}>{T.operation.temporal}</OuterLink>
      </div>
      <div class="columns">
        <section class="card">
          <h2>{T.story.title}</h2>
          <Story steps={storyOf(operation, reservation, event)} />
        </section>
        <section class="card">
          <h2>{T.operation.fields}</h2>
          <OperationFields operation={operation} />
        </section>
      </div>
    </>
  );
}
