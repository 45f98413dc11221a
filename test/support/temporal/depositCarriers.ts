import type { Client } from "@temporalio/client";
import { type Answer, get, post } from "../api/client.ts";
import { deposit } from "../ledger/operations.ts";
import { eventually } from "../waiting.ts";
import { startCarrier } from "./startCarrier.ts";

/** Deposits 1.00 and waits for the outcome. */
export function depositOne(userId: string): Promise<Answer> {
  return post("/v1/deposits", { userId, amount: "1.00" }, { wait: 10 });
}

/** Deposits 1.00 by a carrier with no other operation in its input. @returns the finished operation */
export async function depositAlone(client: Client, userId: string): Promise<Answer> {
  const operation = deposit(userId, "1.00");
  await startCarrier(client, `carrier-${Bun.randomUUIDv7()}`, [operation]);
  return await eventually(async () => {
    const answer = await get(`/v1/operations/${operation.operationId}`);
    return answer.body.status === "completed" && answer;
  }, 20_000);
}

/** The id of the one event of a deposit, from its answer. */
export function eventIdOf({ body }: Answer): string {
  return `${body.operationId}:${body.userId}`;
}
