import { uniqueUserId } from "../ledger/operations.ts";
import { type Answer, get, post } from "./client.ts";

/** Creates a user with this much money. @returns the user's id */
export async function userWith(amount: string, name?: string): Promise<string> {
  const userId = uniqueUserId(name);
  const { status, body } = await post("/v1/deposits", { userId, amount }, { wait: 20 });
  if (status !== 200) throw new Error(`The deposit was answered ${status}: ${JSON.stringify(body)}`);
  return userId;
}

/** The available balance in the ledger; undefined where the account does not exist. */
export async function availableOf(userId: string): Promise<string | undefined> {
  const { status, body } = await get(`/v1/users/${userId}/balance?consistency=strong`);
  return status === 200 ? body.available : undefined;
}

/** Counts answers by status and problem code: {"200": 1, "422 insufficient_funds": 39}. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const word = status >= 400 ? `${status} ${body?.code}` : `${status}`;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
