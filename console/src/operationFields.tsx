import type { ComponentChildren } from "preact";
import { formatSpan, money } from "./format.ts";
import { Field, Name, Time } from "./parts.tsx";
import { formatRoute } from "./route.ts";
import { T } from "./texts.ts";
import { fieldsOf, type Operation } from "./types.ts";

/** Everything that is known about an operation, with links to all that it names. */
export function OperationFields({ operation }: { operation: Operation }) {
  const fields = fieldsOf(operation);
  const { currency = "", balance } = fields;
  const text = (value: string | undefined) => value && <Name>{value}</Name>;
  const sum = (value: string | undefined) => value && money(value, currency);
  const link = (view: string, value: string | undefined) =>
    value && (
      <a href={formatRoute(view, value)}>
        <Name>{value}</Name>
      </a>
    );
  const rows: [name: keyof typeof T.fields, value: ComponentChildren][] = [
    ["operationId", text(operation.operationId)],
    ["userId", link("user", fields.userId)],
    ["fromUserId", link("user", fields.fromUserId)],
    ["toUserId", link("user", fields.toUserId)],
    ["amount", sum(fields.amount)],
    ["serviceName", text(fields.serviceName)],
    ["serviceId", text(fields.serviceId)],
    ["orderId", link("order", fields.orderId)],
    ["reservationId", link("reservation", fields.reservationId)],
    ["reservationIds", fields.reservationIds?.map((id) => <div key={id}>{link("reservation", id)}</div>)],
    ["final", fields.final !== undefined && (fields.final ? T.yes : T.no)],
    ["recognitionId", link("operation", fields.recognitionId)],
    ["refunded", sum(fields.refunded)],
    ["refundable", sum(fields.refundable)],
    ["released", sum(fields.released)],
    ["comment", text(fields.comment)],
    ["source", text(fields.source)],
    ["destination", text(fields.destination)],
    ["reference", link("reference", fields.reference)],
    ["by", text(fields.by)],
    ["reason", text(fields.reason)],
    ["ttlSeconds", fields.ttlSeconds !== undefined && formatSpan(fields.ttlSeconds * 1_000)],
    ["expiresAt", fields.expiresAt && <Time at={fields.expiresAt} />],
    ["balance", balance && T.balance(money(balance.available, currency), money(balance.reserved, currency))],
    ["version", balance && `${balance.version}`],
    ["createdAt", operation.createdAt && <Time at={operation.createdAt} />],
    ["completedAt", fields.completedAt && <Time at={fields.completedAt} />],
    ["workflowId", text(operation.workflowId)],
  ];
  return (
    <dl class="fields">
      {rows.map(
        ([name, value]) =>
          value && (
            <Field key={name} name={T.fields[name]}>
              {value}
            </Field>
          ),
      )}
      {Object.entries(fields.metadata ?? {}).map(([name, value]) => (
        <Field key={`metadata ${name}`} name={name}>
          <Name>{value}</Name>
        </Field>
      ))}
    </dl>
  );
}
