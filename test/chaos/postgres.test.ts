import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, get, post, put, type RequestOptions } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

const CROWD = 12;
const WAITING_CARRIERS_MAX = 32;

/** The longest pause between a post's attempts, and the attempts themselves on connections that died with the old server. */
const COMPLETED_WITHIN_MS = 40_000;

type Asked = { path: string; body: object; key: string };

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

describe.each<Outage>(["stopped", "killed", "frozen"])("While PostgreSQL is %s", (outage) => {
  test("what is answered 202 waits visibly and finishes by itself afterwards, once; reads say 503", async () => {
    const [from, to] = [uniqueUserId("from"), uniqueUserId("to")];
    const opened = await post("/v1/deposits", { userId: from, amount: "100.00" }, { wait: 10 });

    const asked = crowdOf(from, to);
    const accepted = await withOutage("postgres", outage, async () => {
      const answers = [await submit(asked[0]!), ...(await Promise.all(asked.slice(1).map((one) => submit(one))))];
      const error = await eventually(() => webUi.pendingError(answers[0]!.body.workflowId, "post"), 40_000);
      expect(error).not.toBe("");
      expectLedgerUnavailable(await get(`/v1/users/${from}/balance?consistency=strong`));
      expectLedgerUnavailable(await get(`/v1/operations/${opened.body.operationId}`));
      expectLedgerUnavailable(await get(`/v1/users/${from}/transactions`));
      expectLedgerUnavailable(await get("/v1/services"));
      expectLedgerUnavailable(await put("/v1/services/promotion", { name: "Ad promotion" }));
      return answers;
    });
    expect(accepted.map(({ status }) => status)).toEqual(asked.map(() => 202));

    for (const { body } of accepted) await awaitCompleted(body);
    await expectOnce(asked, from, to);
  });
});

test("while PostgreSQL is away no more than 32 carriers wait; then callers are told to come back, and all completes, once", async () => {
  const [from, to] = [uniqueUserId("from"), uniqueUserId("to")];
  await post("/v1/deposits", { userId: from, amount: "100.00" }, { wait: 10 });

  const asked: Asked[] = [];
  const accepted: Answer[] = [];
  const refused = await withOutage("postgres", "killed", async () => {
    while (accepted.length <= 2 * WAITING_CARRIERS_MAX) {
      const next = { path: "/v1/deposits", body: { userId: to, amount: "1.00" }, key: crypto.randomUUID() };
      asked.push(next);
      const answer = await submit(next);
      if (answer.status !== 202) return answer;
      accepted.push(answer);
    }
    return undefined;
  });
  expect(refused?.status).toBe(503);
  expect(refused?.body.code).toBe("backpressure");
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(new Set(accepted.map(({ body }) => body.workflowId)).size).toBe(WAITING_CARRIERS_MAX);

  for (const { body } of accepted) await awaitCompleted(body);
  const [last] = asked.slice(-1);
  const tried = await eventually(async () => {
    const answer = await submit(last!, { wait: 10 });
    return answer.status === 200 && answer;
  }, COMPLETED_WITHIN_MS);
  expect(tried.headers.get("idempotency-replayed")).toBeNull();
  const balance = await get(`/v1/users/${to}/balance?consistency=strong`);
  expect(balance.body).toMatchObject({ available: `${asked.length}.00`, version: asked.length });
});

/** A third each: deposits to one, withdrawals from the other, transfers between them. */
function crowdOf(from: string, to: string): Asked[] {
  return Array.from({ length: CROWD }, (_, index) => {
    const key = crypto.randomUUID();
    if (index % 3 === 0) return { key, path: "/v1/deposits", body: { userId: to, amount: "1.00" } };
    if (index % 3 === 1) return { key, path: "/v1/withdrawals", body: { userId: from, amount: "2.00" } };
    return { key, path: "/v1/transfers", body: { fromUserId: from, toUserId: to, amount: "3.00" } };
  });
}

function submit({ path, body, key }: Asked, asking: RequestOptions = {}): Promise<Answer> {
  return post(path, body, { key, ...asking });
}

async function awaitCompleted({ operationId, workflowId }: { operationId: string; workflowId: string }): Promise<void> {
  await eventually(
    async () => (await get(`/v1/operations/${operationId}?workflowId=${workflowId}`)).body.status === "completed",
    COMPLETED_WITHIN_MS,
  );
}

/** Everything asked again under its key is a replay, and the money has moved as often as was asked. */
async function expectOnce(asked: Asked[], from: string, to: string): Promise<void> {
  const repeated = await Promise.all(asked.map((one) => submit(one, { wait: 10 })));
  expect(repeated.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual(asked.map(() => "true"));
  const third = CROWD / 3;
  const sender = await get(`/v1/users/${from}/balance?consistency=strong`);
  expect(sender.body).toMatchObject({ available: `${100 - 5 * third}.00`, version: 1 + 2 * third });
  const receiver = await get(`/v1/users/${to}/balance?consistency=strong`);
  expect(receiver.body).toMatchObject({ available: `${4 * third}.00`, version: 2 * third });
}

function expectLedgerUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(answer.body.code).toBe("ledger_unavailable");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
}
