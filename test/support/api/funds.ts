import { uniqueUserId } from "../ledger/operations.ts";
import { type Answer, get, post } from "./client.ts";

/** A new user with this much money. */
export async function userWith(amount: string, name?: string): Promise<string> {
  const userId = uniqueUserId(name);
  const { status, body } = await post("/v1/deposits", { userId, amount }, { wait: 20 });
  if (status !== 200) throw new Error(`The deposit was answered ${status}: ${JSON.stringify(body)}`);
  return userId;
}

/** What the ledger says a user has; undefined where it knows no such account. */
export async function availableOf(userId: string): Promise<string | undefined> {
  const { status, body } = await get(`/v1/users/${userId}/balance?consistency=strong`);
  return status === 200 ? body.available : undefined;
}

/** How often each status, with the code of a problem, was answered: {"200": 1, "422 insufficient_funds": 39}. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const word = status >= 400 ? `${status} ${body?.code}` : `${status}`;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
