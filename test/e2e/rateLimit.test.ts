import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { get } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { startReplicas } from "../support/stack/replicas.ts";

test("a request with a body counts once", async () => {
  await using replicas = await startReplicas(1, { ROLE: "api", RATE_LIMIT: "2" });
  const headers = {
    authorization: `Bearer ${await mintToken({ sub: uniqueUserId("writer") })}`,
    "content-type": "application/json",
    "idempotency-key": "unused",
  };
  const send = async () =>
    (await fetch(`${replicas.origins[1]}/v1/deposits`, { method: "POST", body: "{}", headers })).status;
  const statuses: number[] = [];
  for (let index = 0; index < 21; index += 1) statuses.push(await send());
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 400), 429]);
});

test("a caller above its limit in ten seconds gets 429 with Retry-After, and other callers do not", async () => {
  await using replicas = await startReplicas(1, { ROLE: "api", RATE_LIMIT: "2" });
  const limited = replicas.origins[1]!;
  const [one, other] = await Promise.all([
    mintToken({ sub: uniqueUserId("a") }),
    mintToken({ sub: uniqueUserId("b") }),
  ]);
  const ask = async (token: string) => {
    const answer = await fetch(`${limited}/v1/services`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  for (let index = 0; index < 20; index += 1) expect((await ask(one!)).status).toBe(200);
  for (const _ of [1, 2]) {
    const refused = await ask(one!);
    expectProblem(refused, "rate_limited", "/v1/services");
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 11);
    expect((await ask(other!)).status).toBe(200);
  }
  // A Saldo without RATE_LIMIT limits no caller.
  expect((await get("/v1/services", { token: one })).status).toBe(200);

  const batch = async (count: number, sub: string) => {
    const operations = Array.from({ length: count }, () => ({
      kind: "deposit",
      idempotencyKey: crypto.randomUUID(),
      ...{ userId: sub, amount: "1.00" },
    }));
    const answer = await fetch(`${limited}/v1/batches`, {
      method: "POST",
      body: JSON.stringify({ operations }),
      headers: {
        authorization: `Bearer ${await mintToken({ sub })}`,
        "content-type": "application/json",
        prefer: "respond-async",
      },
    });
    return answer.status;
  };
  const [small, large] = [uniqueUserId("small"), uniqueUserId("large")];
  expect([await batch(15, small), await batch(6, small)]).toEqual([202, 429]);
  expect([await batch(100, large), await batch(1, large)]).toEqual([202, 429]);
});
