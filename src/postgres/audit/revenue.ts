import type { Check } from "./pieces.ts";

/** Age of an outbox row that is a finding. The sweep publishes rows older than 30 s. */
const OUTBOX_MINUTES = 5;

/** Promises 4 and 10: each row belongs to a recognition or refund. Its month was open. */
export const revenue: Check = {
  counts: "revenue",
  table: "revenue",
  about: { operationId: "operation_id", month: "to_char(month, 'YYYY-MM')" },
  findings: [
    {
      promise: 4,
      sentence:
        "The revenue of operation {operation_id}, {piece.amount_minor:money} for service {piece.service_id}, belongs to no recognition and no refund.",
      from: `piece
        left join lateral (select id, status, kind from operations where operations.id = piece.operation_id limit 1) as operations on true`,
      where:
        "operations.id is null or operations.status = 'declined' or operations.kind not in ('recognition', 'refund')",
    },
    {
      promise: 10,
      sentence:
        "The revenue of operation {operation_id} was booked into {to_char(month, 'YYYY-MM')} after it was closed.",
      from: "piece join closed_months using (month)",
      where: "piece.created_at > closed_months.closed_at",
    },
  ],
};

/** Promise 10: a frozen report equals its month's rows, its hash and its file. A month is one range of an index. */
export const months: Check = {
  counts: "months",
  key: "month",
  rowsMax: 1,
  start: ["-infinity"],
  piece: "select * from revenue_reports where month > $1::date",
  compared: `
    select piece.*, to_char(month, 'YYYY-MM') as name, lines.total_minor as lines_minor,
      (select coalesce(sum(amount_minor), 0) from revenue where revenue.month = piece.month) as rows_minor
    from piece
    cross join lateral (
      select coalesce(sum((regexp_match(line, ';(-?[0-9]+[.][0-9]{2})$'))[1]::numeric * 100), 0) as total_minor
      from regexp_split_to_table(convert_from(csv, 'UTF8'), E'\\n') as line
    ) as lines`,
  about: { month: "name" },
  findings: [
    {
      promise: 10,
      sentence: "The report of {name} totals {total_minor:money}, its revenue rows {rows_minor:money}.",
      where: "total_minor <> rows_minor",
    },
    {
      promise: 10,
      sentence:
        "The file of {name} does not match its hash, or its lines total {lines_minor:money} instead of {total_minor:money}.",
      where: "sha256 <> encode(sha256(csv), 'hex') or total_minor <> lines_minor",
    },
  ],
};

/** Promise 7: outbox rows that neither their carrier nor the sweep publishes. */
export const outbox: Check = {
  key: "id",
  start: [0],
  piece: `
    select * from outbox
    where created_at <= clock_timestamp() - interval '${OUTBOX_MINUTES} minutes' and id > $1::bigint`,
  findings: [
    {
      promise: 7,
      sentence:
        "The events of {cardinality(operation_ids)} operations of {workflow_id} have waited to be published since {created_at:time}.",
      about: { operationId: "operation_ids[1]", workflowId: "workflow_id" },
    },
  ],
};
