import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from "@temporalio/common";
import type { PostingResult, SagaSummary, SettlementSummary } from "../activities/index.ts";
import { requestUserIds } from "../ledger/accountsTouched.ts";
import { type OutcomeCount, SEARCH_VALUES_MAX, type SearchValues } from "../ledger/carriers.ts";
import type { Operation } from "../ledger/operations.ts";

/** Summaries, details and search attributes for the Temporal Web UI. */

/** Bounds the memo, which each history contains. A caller's request id has up to 128 characters. */
const REQUEST_IDS_MAX = 20;

const OPERATION_KIND = defineSearchAttributeKey("OperationKind", SearchAttributeType.KEYWORD_LIST);
const USER_ID = defineSearchAttributeKey("UserId", SearchAttributeType.KEYWORD_LIST);
const ORDER_ID = defineSearchAttributeKey("OrderId", SearchAttributeType.KEYWORD_LIST);

/** A single keyword: a Temporal server on an SQL store allows only three keyword lists. */
const RESERVATION_ID = defineSearchAttributeKey("ReservationId", SearchAttributeType.KEYWORD);

/** Search values that are known at a carrier's start. A settlement by id contains neither user nor order. */
export function searchValues(operations: readonly Operation[]): SearchValues {
  return {
    kinds: distinct(operations.map(({ kind }) => kind)),
    userIds: distinct(operations.flatMap(requestUserIds)),
    orderIds: distinct(operations.flatMap(({ request }) => ("orderId" in request ? [request.orderId] : []))),
    reservationIds: distinct(operations.flatMap(requestReservationIds)),
  };
}

/**
 * The search attributes of these values. Users and orders only up to `SEARCH_VALUES_MAX`, the reservation only if it is
 * one.
 */
export function searchAttributes({ kinds, userIds, orderIds, reservationIds }: SearchValues): SearchAttributePair[] {
  return [
    { key: OPERATION_KIND, value: kinds },
    ...(isSearchable(userIds) ? [{ key: USER_ID, value: userIds }] : []),
    ...(isSearchable(orderIds) ? [{ key: ORDER_ID, value: orderIds }] : []),
    ...(reservationIds.length === 1 ? [{ key: RESERVATION_ID, value: reservationIds[0]! }] : []),
  ];
}

/** The memo leads from a log line to its carrier. It contains the first 20 request ids. */
export function memo(requestIds: readonly string[]): { requestIds: string[] } {
  return { requestIds: requestIds.slice(0, REQUEST_IDS_MAX) };
}

function isSearchable(values: string[]): boolean {
  return values.length > 0 && values.length <= SEARCH_VALUES_MAX;
}

function requestReservationIds(operation: Operation): string[] {
  if (operation.kind === "reservation") return [operation.operationId];
  return "reservationId" in operation.request ? [operation.request.reservationId] : [];
}

function distinct<Value>(values: Value[]): Value[] {
  return [...new Set(values)];
}

/** One line about the carrier's input: "Transfer 150.00 RUB alice → bob". At most 400 bytes, the server's limit. */
export function summarize(operations: readonly Operation[], currency: string): string {
  const [first, ...others] = operations;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return first ? `${describe(first, currency)}${more}` : "";
}

/** The carrier's outcomes: "Transfer completed.", or the counts by kind and outcome. */
export function describeCounts(counts: readonly OutcomeCount[]): string {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const parts = counts.map(
    ({ kind, outcome, count }) => `${count} ${kind} ${OUTCOME_WORDS[outcome] ?? `declined: ${outcome}`}`,
  );
  if (total === 1) return `${capitalize(parts[0]!.slice(2))}.`;
  return `${total} operations: ${parts.join(", ")}.`;
}

const OUTCOME_WORDS: Partial<Record<OutcomeCount["outcome"], string>> = {
  completed: "completed",
  mismatched: "not recorded: its key belongs to another request",
};

/** The reservations of a saga: "Reserved 40.00, recognized 10.00, 30.00 until 2026-11-23 14:05 UTC." */
export function describeSaga(saga: SagaSummary): string {
  const parts = [`Reserved ${saga.reserved}`];
  for (const part of ["recognized", "released", "expired"] as const) {
    if (saga[part] !== "0.00") parts.push(`${part} ${saga[part]}`);
  }
  if (saga.openCount > 0)
    parts.push(`${saga.remaining} ${saga.due?.at ? `until ${toMinute(saga.due.at)}` : "overdue"}`);
  const story = [`${parts.join(", ")}.`, ...describeRefused(saga)].join(" ");
  if (saga.openCount === 0)
    return [`${story} Settled.`, ...(saga.settlements ?? []).map(describeSettlement)].join("\n\n");
  return saga.openCount === 1
    ? story
    : `${story} Open reservations: ${saga.openCount}; the earliest deadline is shown.`;
}

const SETTLEMENT_WORDS = { recognition: "Recognized", release: "Released", expiry: "Expired" } as const;

/** "Released 30.00 by olga at 2026-11-23 14:05 UTC: The order was given up" */
function describeSettlement({ kind, amount, by, reason, at }: SettlementSummary): string {
  return `${SETTLEMENT_WORDS[kind]} ${amount} by ${by} at ${toMinute(at)}${reason === undefined ? "." : `: ${reason}`}`;
}

/** "Committed; 2 events wait for Kafka: …"; empty where all events are published. */
export function describeWaitingEvents({
  events,
  eventsWaiting,
}: Pick<PostingResult, "events" | "eventsWaiting">): string {
  if (events === "published") return "";
  const subject = eventsWaiting === 1 ? "1 event" : `${eventsWaiting === undefined ? "" : `${eventsWaiting} `}events`;
  // A workflow does not learn when the sweep has published, so that text stays true.
  return events === "waiting"
    ? `Committed; ${subject} ${eventsWaiting === 1 ? "waits" : "wait"} for Kafka: see the pending activity \`publishEvents\` for its last error.`
    : `Committed; ${subject} ${eventsWaiting === 1 ? "was" : "were"} left to the sweep: Kafka was away.`;
}

/** Contains one reservation id as a starting point for an operator. */
function describeRefused({ refused }: SagaSummary): string[] {
  if (!refused) return [];
  const more = refused.count > 1 ? ` and ${refused.count - 1} more` : "";
  return [`The ledger refuses to expire ${refused.reservationId}${more}: see its alerts.`];
}

/** The summary of a month's report workflow. */
export function summarizeReport(month: string): string {
  return `Revenue report ${month}`;
}

/** "2026-11-23T14:05:59.123Z" reads "2026-11-23 14:05 UTC". */
function toMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

function describe(operation: Operation, currency: string): string {
  const { kind, request } = operation;
  const money = "amount" in request && request.amount !== undefined ? ` ${request.amount} ${currency}` : "";
  const name = `${capitalize(kind)}${money}`;
  if ("fromUserId" in request) return `${name} ${request.fromUserId} → ${request.toUserId}`;
  if ("orderId" in request) return `${name} ${request.userId}, service ${request.serviceId}, order ${request.orderId}`;
  if ("reservationId" in request) return `${name} of reservation ${request.reservationId}`;
  if ("recognitionId" in request) return `${name} of recognition ${request.recognitionId}`;
  return `${name} ${kind === "deposit" ? "→" : "←"} ${request.userId}`;
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
