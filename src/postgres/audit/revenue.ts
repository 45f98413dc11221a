import { closedAt } from "../posting/months.ts";
import { balancesBetween } from "../reading/balancesReports.ts";
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
      where: `created_at > ${closedAt("piece.month")}`,
    },
  ],
};

/** The sums of a report of balances. */
const SUMS = [
  ...["opening_available_minor", "opening_reserved_minor", "deposits_minor", "withdrawals_minor"],
  ...["revenue_minor", "refunds_minor", "closing_available_minor", "closing_reserved_minor"],
];

/** Hours since 1970: the audit's turn. */
const HOUR = "floor(extract(epoch from clock_timestamp()) / 3600)";

/**
 * Promise 10: a month's frozen reports equal its rows, their hashes and each other.
 *
 * A month's revenue is one range of an index. That each row of it equals its entry, also in its month, is checked with
 * the operations. The sums of balances read all entries of the month. So each audit sums up one month, in turn by the
 * hour. Of every month it checks that the balances add up, and begin where the month before ended.
 */
export const months: Check = {
  counts: "months",
  key: "month",
  rowsMax: 1,
  start: ["-infinity"],
  piece: `
    select *,
      (select count(*) from revenue_reports as earlier where earlier.month < revenue_reports.month)
        = ${HOUR} % (select count(*) from revenue_reports) as is_in_turn
    from revenue_reports
    where month > $1::date`,
  compared: `
    select piece.*, to_char(piece.month, 'YYYY-MM') as name, lines.total_minor as lines_minor,
      (select coalesce(sum(amount_minor), 0) from revenue where revenue.month = piece.month) as rows_minor,
      order_reports.total_minor as orders_minor,
      balances.csv as balances_csv, balances.sha256 as balances_sha256,
      balances.revenue_minor - balances.refunds_minor as earned_minor,
      balances.opening_available_minor + balances.opening_reserved_minor as opening_minor,
      balances.deposits_minor - balances.withdrawals_minor - balances.revenue_minor + balances.refunds_minor as moved_minor,
      balances.closing_available_minor + balances.closing_reserved_minor as closing_minor,
      (balances.opening_available_minor, balances.opening_reserved_minor) as opening,
      (before.closing_available_minor, before.closing_reserved_minor) as closing_before,
      before.month = piece.month - interval '1 month' as is_next,
      to_char(before.month, 'YYYY-MM') as name_before,
      (${SUMS.map((sum) => `balances.${sum}`)}) as sums,
      drawn.sums as drawn_sums
    from piece
    cross join lateral (
      select coalesce(sum((regexp_match(line, ';(-?[0-9]+[.][0-9]{2})$'))[1]::numeric * 100), 0) as total_minor
      from regexp_split_to_table(convert_from(csv, 'UTF8'), E'\\n') as line
    ) as lines
    left join order_reports on order_reports.month = piece.month
    left join balances_reports as balances on balances.month = piece.month
    left join lateral (
      select * from balances_reports where balances_reports.month < piece.month order by month desc limit 1
    ) as before on true
    left join lateral (
      select (${SUMS}) as sums
      from (${balancesBetween({
        after: "coalesce(before.month, '-infinity')",
        month: "piece.month",
        available: "coalesce(before.closing_available_minor, 0)",
        reserved: "coalesce(before.closing_reserved_minor, 0)",
      })}) as drawn
    ) as drawn on piece.is_in_turn and balances.month is not null`,
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
    {
      promise: 10,
      sentence:
        "The report of {name} totals {total_minor:money}, its orders {orders_minor:money}, and revenue less refunds of its balances {earned_minor:money}.",
      where: "total_minor <> orders_minor or total_minor <> earned_minor",
    },
    {
      promise: 10,
      sentence:
        "The balances of {name} were {opening_minor:money} and moved by {moved_minor:money}, but ended at {closing_minor:money}.",
      where: "opening_minor + moved_minor <> closing_minor",
    },
    {
      promise: 10,
      sentence: "The opening balances of {name} are not the closing balances of {name_before}.",
      where: "is_next and opening <> closing_before",
    },
    {
      promise: 10,
      sentence: "The balances of {name} differ from its entries.",
      where: "sums <> drawn_sums",
    },
    {
      promise: 10,
      sentence: "The file of the balances of {name} does not match its hash.",
      where: "balances_sha256 <> encode(sha256(balances_csv), 'hex')",
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
