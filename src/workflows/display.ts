import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { type Operation, type Outcome, touchedUserIds } from "../ledger/operations.ts";

/** What an operator reads and searches by in the Temporal Web UI. */

/** More values under one search attribute can make the server refuse the start (seen with 80 UUIDs). */
const SEARCH_VALUES_MAX = 20;

const OPERATION_KIND = defineSearchAttributeKey("OperationKind", SearchAttributeType.KEYWORD_LIST);
const USER_ID = defineSearchAttributeKey("UserId", SearchAttributeType.KEYWORD_LIST);

/** What a carrier can be found by; the users only where they are few. */
export function searchAttributes(operations: readonly Operation[]) {
  const userIds = [...new Set(operations.flatMap(touchedUserIds))];
  return [
    { key: OPERATION_KIND, value: [...new Set(operations.map(({ kind }) => kind))] },
    ...(userIds.length <= SEARCH_VALUES_MAX ? [{ key: USER_ID, value: userIds }] : []),
  ];
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

function describe(operation: Operation, currency: string): string {
  const money = `${operation.request.amount} ${currency}`;
  switch (operation.kind) {
    case "deposit":
      return `Deposit ${money} → ${operation.request.userId}`;
    case "withdrawal":
      return `Withdrawal ${money} ← ${operation.request.userId}`;
    case "transfer":
      return `Transfer ${money} ${operation.request.fromUserId} → ${operation.request.toUserId}`;
  }
}

/** ["a", "b", "a"] reads "2 a, 1 b". */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}
