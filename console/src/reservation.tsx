import { useSigned } from "./context.ts";
import { useDue } from "./due.ts";
import { money } from "./format.ts";
import { useLoad } from "./load.ts";
import {
  Badge,
  Empty,
  FailureBox,
  Field,
  Figure,
  Loading,
  Name,
  OuterLink,
  StaleNote,
  Time,
  TimeLeft,
} from "./parts.tsx";
import { RefundButton } from "./refundButton.tsx";
import { ReleaseButton } from "./releaseButton.tsx";
import { formatRoute } from "./route.ts";
import { sentenceOf } from "./sentences.ts";
import { Story } from "./story.tsx";
import { reservationStoryOf } from "./storyOf.ts";
import { T } from "./texts.ts";
import { fieldsOf } from "./types.ts";

const PARTS = ["recognized", "released", "expired", "remaining"] as const;

/** One reservation: its parts, its deadline, its story and its saga. */
export function Reservation({ reservationId }: { reservationId: string }) {
  const { api } = useSigned();
  const path = { reservationId };
  const { data, failure, reload } = useLoad(reservationId, () =>
    api.read((http) => http.GET("/v1/reservations/{reservationId}", { params: { path } })),
  );
  useDue(data?.state === "open" ? [data.expiresAt] : [], reload);
  if (!data) {
    return (
      <>
        <h1>
          {T.titles.reservation} <Name>{reservationId}</Name>
        </h1>
        {failure?.code === "reservation_unknown" ? (
          <Empty title={T.failures.reservation_unknown}>{T.reservation.unknownHint}</Empty>
        ) : failure ? (
          <FailureBox failure={failure} retry={reload} />
        ) : (
          <Loading />
        )}
      </>
    );
  }
  const { userId, serviceId, orderId, state, reserved, expiresAt, createdAt, workflowId, links, operations } = data;
  const currency = operations[0] ? (fieldsOf(operations[0]).currency ?? "") : "";
  const recognitions = operations.filter(({ kind }) => kind === "recognition");
  return (
    <>
      <h1>
        {T.titles.reservation} <span class="nowrap">{money(reserved, currency)}</span>{" "}
        <Badge tone={state === "open" ? "warn" : "good"}>{T.reservation.states[state]}</Badge>
      </h1>
      <StaleNote failure={failure} retry={reload} />
      <dl class="figures">
        {PARTS.map((part) => (
          <Figure key={part} label={T.fields[part]}>
            {money(data[part], currency)}
          </Figure>
        ))}
        <Figure label={T.fields.refunded}>{money(data.refunded, currency)}</Figure>
      </dl>
      <div class="buttons">
        <ReleaseButton reservation={data} currency={currency} onChanged={reload} />
        {recognitions.length === 1 && (
          <RefundButton
            operationId={recognitions[0]!.operationId}
            userId={userId}
            currency={currency}
            about={sentenceOf(recognitions[0]!)}
            onChanged={reload}
          />
        )}
        <OuterLink href={links.temporal}>{T.reservation.temporal}</OuterLink>
      </div>
      <div class="columns">
        <section class="card">
          <h2>{T.story.title}</h2>
          <Story steps={reservationStoryOf(data, currency)} />
        </section>
        <section class="card">
          <h2>{T.operation.fields}</h2>
          <dl class="fields">
            <Field name={T.fields.reservationId}>
              <Name>{reservationId}</Name>
            </Field>
            <Field name={T.fields.userId}>
              <a href={formatRoute("user", userId)}>
                <Name>{userId}</Name>
              </a>
            </Field>
            <Field name={T.fields.serviceId}>
              <Name>{serviceId}</Name>
            </Field>
            <Field name={T.fields.orderId}>
              <a href={formatRoute("order", orderId)}>
                <Name>{orderId}</Name>
              </a>
            </Field>
            <Field name={T.fields.createdAt}>
              <Time at={createdAt} />
            </Field>
            <Field name={T.fields.expiresAt}>
              <Time at={expiresAt} /> {state === "open" && <TimeLeft until={expiresAt} />}
            </Field>
            <Field name={T.fields.workflowId}>
              <Name>{workflowId}</Name>
            </Field>
          </dl>
        </section>
      </div>
    </>
  );
}
