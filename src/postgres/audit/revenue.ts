import { type Check, money } from "./pieces.ts";

/** The sweep publishes after half a minute what its carrier does not. */
const UNPUBLISHED_MINUTES = 5;

/** Promises 4 and 10: each row is what one operation earned or gave back, booked while its month was open. */
export const revenue: Check = {
  counts: "revenue",
  table: "revenue",
  findings: `
    select 4, format('The revenue of operation %s, %s for service %s, is of no recognition and no refund.', operation_id,
        ${money("piece.amount_minor")}, service_id),
      null, operation_id, null::uuid, null, to_char(month, 'YYYY-MM')
    from piece
    left join lateral (select * from operations where operations.id = piece.operation_id limit 1) as operations on true
    where operations.id is null or operations.status = 'declined' or operations.kind not in ('recognition', 'refund')
    union all
    select 10, format('The revenue of operation %s was booked into %s after it was closed.', operation_id, to_char(month, 'YYYY-MM')),
      null, operation_id, null, null, to_char(month, 'YYYY-MM')
    from piece
    join closed_months using (month)
    where piece.created_at > closed_months.closed_at`,
};

/** Promise 10: a frozen report is its month's rows, and its file is what its hash and its total say. A month is one range of an index. */
export const months: Check = {
  counts: "months",
  key: "month",
  rowsMax: 1,
  start: ["-infinity"],
  piece: "select * from revenue_reports where month > $1::date",
  findings: `
    with compared as materialized (
      select piece.*, to_char(month, 'YYYY-MM') as name, lines.total_minor as lines_minor,
        (select coalesce(sum(amount_minor), 0) from revenue where revenue.month = piece.month) as rows_minor
      from piece
      cross join lateral (
        select coalesce(sum((regexp_match(line, ';(-?[0-9]+[.][0-9]{2})$'))[1]::numeric * 100), 0) as total_minor
        from regexp_split_to_table(convert_from(csv, 'UTF8'), E'\\n') as line
      ) as lines
    )
    select 10, format('The report of %s comes to %s, its revenue rows to %s.', name, ${money("total_minor")}, ${money("rows_minor")}),
      null, null::uuid, null::uuid, null, name
    from compared
    where total_minor <> rows_minor
    union all
    select 10, format('The file of %s is not what its hash says, or its lines come to %s instead of %s.', name, ${money("lines_minor")},
        ${money("total_minor")}),
      null, null, null, null, name
    from compared
    where sha256 <> encode(sha256(csv), 'hex') or total_minor <> lines_minor`,
};

/** What has waited for long to be published: neither its carrier nor the sweep gets it out. */
export const unpublished: Check = {
  key: "id",
  start: [0],
  piece: `
    select * from outbox
    where created_at <= clock_timestamp() - interval '${UNPUBLISHED_MINUTES} minutes' and id > $1::bigint`,
  findings: `
    select 7, format('The events of %s operations of %s have waited to be published since %s.', cardinality(operation_ids), workflow_id,
        to_json(created_at) #>> '{}'),
      null, operation_ids[1], null::uuid, workflow_id, null
    from piece`,
};
