import { afterAll, describe, expect, test } from "bun:test";
import { type Answer, get, post, type RequestOptions, stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

/** The specified two seconds, plus the delay of this machine. */
const REFUSED_WITHIN_MS = 2_500;

const CALLERS = 5;

/** The first start may be sent before the outage is detected. Later ones probe the server's port first. */
const FIRST_REFUSALS = ["outcome_unknown", "temporal_unavailable"];
/** A frozen server accepts connections. */
const REFUSALS: Partial<Record<Outage, string[]>> = {
  stopped: ["temporal_unavailable"],
  killed: ["temporal_unavailable"],
  frozen: FIRST_REFUSALS,
};

afterAll(restoreStack);

describe.each<Outage>(["stopped", "killed", "frozen"])("While Temporal is %s", (outage) => {
  test("new operations are refused within 2 s, reads and replays work, and retries complete once afterwards", async () => {
    const userId = uniqueUserId("temporal");
    const deposit = (asking: RequestOptions) => post("/v1/deposits", { userId, amount: "1.00" }, asking);
    const finishedKey = crypto.randomUUID();
    const finished = await deposit({ key: finishedKey, wait: 10 });
    expect(finished.status).toBe(200);
    const { pid } = await stack.health("saldo");

    // A carrier that pulls needs Temporal only at the end of its window. One of an earlier outage may run again.
    await eventually(hasNoCarrier, 60_000);
    await awaitIdle();
    const refusedKeys = Array.from({ length: 3 * CALLERS }, () => crypto.randomUUID());
    await withOutage("temporal", outage, async () => {
      const alone = await timed(() => deposit({ key: refusedKeys[0]! }));
      const together = await Promise.all(
        refusedKeys.slice(1).map((key, index) => timed(() => deposit({ key, ...(index % 2 === 0 && { wait: 10 }) }))),
      );
      for (const { answer, elapsedMs } of [alone, ...together]) {
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
        expect(answer === alone.answer ? FIRST_REFUSALS : REFUSALS[outage]).toContain(answer.body.code);
        expect(answer.body.operationId).toBeString();
        expect(elapsedMs).toBeLessThan(REFUSED_WITHIN_MS);
      }

      const replayed = await deposit({ key: finishedKey });
      expect(replayed.status).toBe(200);
      expect(replayed.headers.get("idempotency-replayed")).toBe("true");
      expect(replayed.body).toEqual(finished.body);
      expect((await get(`/v1/operations/${finished.body.operationId}`)).body).toEqual(finished.body);
      expect((await get(`/v1/users/${userId}/balance`)).body).toMatchObject({ available: "1.00", version: 1 });
      const strong = await get(`/v1/users/${userId}/balance?consistency=strong`);
      expect(strong.body).toMatchObject({ available: "1.00", version: 1 });
    });

    const retried = await Promise.all(
      refusedKeys.map((key) =>
        eventually(async () => {
          const answer = await deposit({ key, wait: 10 });
          return answer.status === 200 && answer;
        }, 40_000),
      ),
    );
    expect(new Set(retried.map(({ body }) => body.operationId)).size).toBe(refusedKeys.length);
    const balance = await get(`/v1/users/${userId}/balance?consistency=strong`);
    const deposits = 1 + refusedKeys.length;
    expect(balance.body).toMatchObject({ available: `${deposits}.00`, version: deposits });
    expect((await stack.health("saldo")).pid).toBe(pid);
  });
});

async function hasNoCarrier(): Promise<boolean> {
  const webUi = await openWebUi();
  try {
    return (await webUi.count('WorkflowType = "carrier" and ExecutionStatus = "Running"')) === 0;
  } finally {
    await webUi.close();
  }
}

async function timed(ask: () => Promise<Answer>): Promise<{ answer: Answer; elapsedMs: number }> {
  const startedAt = performance.now();
  const answer = await ask();
  return { answer, elapsedMs: performance.now() - startedAt };
}

test("a service started without Temporal serves reads, refuses operations, and carries them afterwards", async () => {
  const userId = uniqueUserId("start");
  expect((await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 10 })).status).toBe(200);
  const key = crypto.randomUUID();
  const deposit = () => post("/v1/deposits", { userId, amount: "2.00" }, { key, wait: 10 });

  await withOutage("temporal", "stopped", async () => {
    await stack.kill("saldo");
    await stack.start("saldo");
    const strong = await get(`/v1/users/${userId}/balance?consistency=strong`);
    expect(strong.body).toMatchObject({ available: "1.00" });
    expect((await deposit()).body).toMatchObject({ status: 503, code: "temporal_unavailable" });
  });

  const { pid } = await stack.health("saldo");
  const answer = await eventually(async () => {
    const retried = await deposit();
    return retried.status === 200 && retried;
  }, 40_000);
  expect(answer.body.balance).toMatchObject({ available: "3.00", version: 2 });
  expect((await stack.health("saldo")).pid).toBe(pid);
});
