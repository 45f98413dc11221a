import { type Answer, post } from "./api.ts";

/** Deposits 1.00 and waits for the ledger's word. */
export function depositOne(userId: string): Promise<Answer> {
  return post("/v1/deposits", { userId, amount: "1.00" }, { wait: 10 });
}

/** The id of the one event that a deposit makes, from its answer. */
export function eventIdOf({ body }: Answer): string {
  return `${body.operationId}:${body.userId}`;
}
