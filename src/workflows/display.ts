import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from "@temporalio/common";
import type { Standing } from "../activities/index.ts";
import { userIdsNamed } from "../ledger/accountsTouched.ts";
import type { Operation, Outcome } from "../ledger/operations.ts";

/** What an operator reads and searches by in the Temporal Web UI. */

/** More values under one search attribute can make the server refuse the start (seen with 80 UUIDs). */
const SEARCH_VALUES_MAX = 20;

/** A caller may make each 128 characters long, and the memo is in each history, however small that is. */
const REQUEST_IDS_MAX = 20;

const OPERATION_KIND = defineSearchAttributeKey("OperationKind", SearchAttributeType.KEYWORD_LIST);
const USER_ID = defineSearchAttributeKey("UserId", SearchAttributeType.KEYWORD_LIST);
const ORDER_ID = defineSearchAttributeKey("OrderId", SearchAttributeType.KEYWORD_LIST);

/** A server on an SQL store takes three lists, no more; a single reservation is what one searches for. */
const RESERVATION_ID = defineSearchAttributeKey("ReservationId", SearchAttributeType.KEYWORD);

/** What a carrier can be found by; users, orders and the reservation only where they are few. */
export function searchAttributes(operations: readonly Operation[]): SearchAttributePair[] {
  const kinds = distinct(operations.map(({ kind }) => kind));
  const userIds = distinct(operations.flatMap(userIdsNamed));
  const orderIds = distinct(operations.flatMap(({ request }) => ("orderId" in request ? [request.orderId] : [])));
  const [reservationId, ...otherReservationIds] = distinct(operations.flatMap(reservationIdsNamed));
  return [
    { key: OPERATION_KIND, value: kinds },
    ...(isSearchable(userIds) ? [{ key: USER_ID, value: userIds }] : []),
    ...(isSearchable(orderIds) ? [{ key: ORDER_ID, value: orderIds }] : []),
    ...(reservationId && otherReservationIds.length === 0 ? [{ key: RESERVATION_ID, value: reservationId }] : []),
  ];
}

/** Tells which requests the carrier was started for, so that one gets from a log line to it; of many, the first. */
export function memo(requestIds: readonly string[]): { requestIds: string[] } {
  return { requestIds: requestIds.slice(0, REQUEST_IDS_MAX) };
}

function isSearchable(values: string[]): boolean {
  return values.length > 0 && values.length <= SEARCH_VALUES_MAX;
}

function reservationIdsNamed(operation: Operation): string[] {
  if (operation.kind === "reservation") return [operation.operationId];
  return "reservationId" in operation.request ? [operation.request.reservationId] : [];
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}

/** One line that says what the carrier does: "Transfer 150.00 RUB alice → bob". At most 400 bytes, the server's limit. */
export function summarize(operations: readonly Operation[], currency: string): string {
  const [only, ...others] = operations;
  if (only && others.length === 0) return describe(only, currency);
  return `${operations.length} operations: ${tally(operations.map(({ kind }) => kind))}`;
}

/** What became of the operations: "Completed.", "Declined: insufficient_funds.", or how many of each. */
export function summarizeOutcomes(outcomes: readonly Outcome[]): string {
  const words = outcomes.map((outcome) => {
    if (outcome.status === "declined") return `declined: ${outcome.code}`;
    return outcome.status === "mismatched" ? "not recorded: its key stands for another request" : outcome.status;
  });
  const text = outcomes.length === 1 ? words[0]! : tally(words);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** How a saga's reservations stand: "Reserved 40.00, recognized 10.00, 30.00 until 2026-11-23 14:05 UTC." */
export function describeStanding(standing: Standing): string {
  const parts = [`Reserved ${standing.reserved}`];
  for (const part of ["recognized", "released", "expired"] as const) {
    if (standing[part] !== "0.00") parts.push(`${part} ${standing[part]}`);
  }
  if (standing.due) parts.push(`${standing.remaining} until ${toMinute(standing.due.at)}`);
  const open = standing.openReservationIds.length;
  const story = [`${parts.join(", ")}.`, ...tellRefused(standing)].join(" ");
  if (open === 0) return `${story} Settled.`;
  return open === 1 ? story : `${story} Open reservations: ${open}; the earliest deadline is shown.`;
}

/** One is named, so that an operator knows where to begin. */
function tellRefused({ refusedIds: [first, ...others] = [] }: Standing): string[] {
  if (!first) return [];
  return [
    `The ledger refuses to expire ${first}${others.length > 0 ? ` and ${others.length} more` : ""}: see its alerts.`,
  ];
}

/** What stands beside the id of a month's report. */
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
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${money}`;
  if ("fromUserId" in request) return `${name} ${request.fromUserId} → ${request.toUserId}`;
  if ("orderId" in request) return `${name} ${request.userId}, service ${request.serviceId}, order ${request.orderId}`;
  if ("reservationId" in request) return `${name} of reservation ${request.reservationId}`;
  if ("recognitionId" in request) return `${name} of recognition ${request.recognitionId}`;
  return `${name} ${kind === "deposit" ? "→" : "←"} ${request.userId}`;
}

/** ["a", "b", "a"] reads "2 a, 1 b". */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}
