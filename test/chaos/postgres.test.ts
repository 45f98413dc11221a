import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, get, post, put, type RequestOptions } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

const CROWD = 12;
const WAITING_CARRIERS_MAX = 32;

/** The longest backoff of a post, plus its attempts on connections to the dead server. */
const COMPLETED_WITHIN_MS = 40_000;

type Submission = { path: string; body: object; key: string };

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

describe.each<Outage>(["stopped", "killed", "frozen"])("While PostgreSQL is %s", (outage) => {
  test("operations answered 202 complete once afterwards; reads and finished keys are 503", async () => {
    const [from, to] = [uniqueUserId("from"), uniqueUserId("to")];
    const opening = { path: "/v1/deposits", body: { userId: from, amount: "100.00" }, key: crypto.randomUUID() };
    const opened = await submit(opening, { wait: 10 });

    const submissions = crowdOf(from, to);
    const accepted = await withOutage("postgres", outage, async () => {
      const answers = [
        await submit(submissions[0]!),
        ...(await Promise.all(submissions.slice(1).map((one) => submit(one)))),
      ];
      const error = await eventually(() => webUi.pendingError(answers[0]!.body.workflowId, "post"), 40_000);
      expect(error).not.toBe("");
      expectLedgerUnavailable(await get(`/v1/users/${from}/balance?consistency=strong`));
      expectLedgerUnavailable(await get(`/v1/operations/${opened.body.operationId}`));
      expectLedgerUnavailable(await get(`/v1/users/${from}/transactions`));
      for (const amount of ["100.00", "99.00"]) {
        expectLedgerUnavailable(await submit({ ...opening, body: { userId: from, amount } }));
        expectLedgerUnavailable(await submit({ ...opening, body: { userId: from, amount } }, { wait: 1 }));
      }
      expectLedgerUnavailable(await get("/v1/services"));
      expectLedgerUnavailable(await put("/v1/services/promotion", { name: "Ad promotion" }));
      return answers;
    });
    expect(accepted.map(({ status }) => status)).toEqual(submissions.map(() => 202));

    for (const { body } of accepted) await awaitCompleted(body);
    await expectOnce(submissions, from, to);
  });
});

test("without PostgreSQL at most 32 carriers wait, then callers get 503, and all completes later, once", async () => {
  const [from, to] = [uniqueUserId("from"), uniqueUserId("to")];
  await post("/v1/deposits", { userId: from, amount: "100.00" }, { wait: 10 });

  const submissions: Submission[] = [];
  const accepted: Answer[] = [];
  const refused = await withOutage("postgres", "killed", async () => {
    while (accepted.length <= 2 * WAITING_CARRIERS_MAX) {
      const next = { path: "/v1/deposits", body: { userId: to, amount: "1.00" }, key: crypto.randomUUID() };
      submissions.push(next);
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
  const [last] = submissions.slice(-1);
  const tried = await eventually(async () => {
    const answer = await submit(last!, { wait: 10 });
    return answer.status === 200 && answer;
  }, COMPLETED_WITHIN_MS);
  expect(tried.headers.get("idempotency-replayed")).toBeNull();
  const balance = await get(`/v1/users/${to}/balance?consistency=strong`);
  expect(balance.body).toMatchObject({ available: `${submissions.length}.00`, version: submissions.length });
});

/** Deposits to one user, withdrawals from the other, and transfers between them, a third each. */
function crowdOf(from: string, to: string): Submission[] {
  return Array.from({ length: CROWD }, (_, index) => {
    const key = crypto.randomUUID();
    if (index % 3 === 0) return { key, path: "/v1/deposits", body: { userId: to, amount: "1.00" } };
    if (index % 3 === 1) return { key, path: "/v1/withdrawals", body: { userId: from, amount: "2.00" } };
    return { key, path: "/v1/transfers", body: { fromUserId: from, toUserId: to, amount: "3.00" } };
  });
}

function submit({ path, body, key }: Submission, asking: RequestOptions = { isAsync: true }): Promise<Answer> {
  return post(path, body, { key, ...asking });
}

async function awaitCompleted({ operationId, workflowId }: { operationId: string; workflowId: string }): Promise<void> {
  await eventually(
    async () => (await get(`/v1/operations/${operationId}?workflowId=${workflowId}`)).body.status === "completed",
    COMPLETED_WITHIN_MS,
  );
}

/** Expects that every repetition is a replay. The money has moved once for each request. */
async function expectOnce(submissions: Submission[], from: string, to: string): Promise<void> {
  const repeated = await Promise.all(submissions.map((one) => submit(one, { wait: 10 })));
  expect(repeated.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual(submissions.map(() => "true"));
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
