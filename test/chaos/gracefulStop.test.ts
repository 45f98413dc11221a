import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { startReplicas } from "../support/stack/replicas.ts";
import { eventually } from "../support/waiting.ts";

const CALLERS = 32;

const headers = { authorization: `Bearer ${await mintToken()}`, "content-type": "application/json" };

function deposit(origin: string, userId: string, wait: number): Promise<Response> {
  return fetch(`${origin}/v1/deposits`, {
    method: "POST",
    body: JSON.stringify({ userId, amount: "1.00" }),
    headers: { ...headers, "idempotency-key": crypto.randomUUID(), prefer: `wait=${wait}` },
  });
}

test("a graceful stop is announced while Saldo serves, answers all requests, loses nothing, exits with 0", async () => {
  await using replicas = await startReplicas(1, { STOP_DELAY: "2" });
  const origin = replicas.origins[1]!;
  const userId = uniqueUserId();
  const taken = new Set<string>();
  const left = new AbortController();
  const progress = { servedWhileStopping: 0 };
  // The callers continue until the process announces its stop, as a load balancer's do.
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    while (!left.signal.aborted) {
      const answer = await deposit(origin, userId, caller % 2 === 0 ? 20 : 0);
      expect([200, 202]).toContain(answer.status);
      if (answer.headers.get("connection") === "close") progress.servedWhileStopping += 1;
      taken.add(((await answer.json()) as { operationId: string }).operationId);
    }
  });
  await eventually(async () => taken.size > 4 * CALLERS, 60_000);
  const stopped = replicas.stop(0);
  const turned = await eventually(async () => {
    const answer = await fetch(`${origin}/readyz`);
    return answer.status === 503 && answer;
  });
  expect(await turned.json()).toEqual({ status: "stopping" });
  const before = progress.servedWhileStopping;
  await eventually(async () => progress.servedWhileStopping > before);
  expect((await fetch(`${origin}/v1/services`, { headers })).status).toBe(200);
  left.abort();
  await Promise.all(callers);
  expect(await stopped).toBe(0);
  await expect(fetch(`${origin}/readyz`)).rejects.toThrow();

  const balance = await eventually(async () => {
    const { body } = await get(`/v1/users/${userId}/balance?consistency=strong`);
    return body.version >= taken.size && body;
  }, 30_000);
  expect(balance).toMatchObject({ available: `${taken.size}.00`, version: taken.size });
});

test("a caller that waits for a blocked operation gets 202 from a graceful stop, and is not disconnected", async () => {
  await using replicas = await startReplicas(1, { ROLE: "api" });
  const userId = await userWith("1.00");
  await using held = await holdAccount(userId);
  const waiting = deposit(replicas.origins[1]!, userId, 30);
  await held.awaitWaiting();
  const stopped = replicas.stop(0);
  const answer = await waiting;
  expect(answer.status).toBe(202);
  await held.release();
  expect(await stopped).toBe(0);
  const { operationId, workflowId } = (await answer.json()) as { operationId: string; workflowId: string };
  await eventually(
    async () => (await get(`/v1/operations/${operationId}?workflowId=${workflowId}`)).body.status === "completed",
    60_000,
  );
  expect((await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 20 })).body.balance.available).toBe("3.00");
});
