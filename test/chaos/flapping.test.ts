import { afterAll, expect, test } from "bun:test";
import { type Answer, get, post, stack } from "../support/api.ts";
import { audit, countUnpublished } from "../support/audit.ts";
import { eventually } from "../support/eventually.ts";
import { uniqueUserId } from "../support/operations.ts";
import { restoreStack } from "../support/outages.ts";
import { openWebUi } from "../support/webUi.ts";

const CLIENTS = 12;
const KILLS = 3;
/** So much is done between two kills. */
const ANSWERS_PER_LIFE = 60;
/** After that a client asks again, whether its first request is still under way or not. */
const PATIENCE_MS = 1_500;

type Asked = { path: string; body: object; key: string };
type Done = { asked: Asked; answer: Answer };

afterAll(restoreStack);

test("a service that is killed again and again under a mixed load answers every key once, and keeps every promise", async () => {
  const startedAt = new Date();
  const webUi = await openWebUi();
  try {
    const users = Array.from({ length: 6 }, () => uniqueUserId("flap"));
    const done: Done[] = [];
    const over = new AbortController();
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!over.signal.aborted) {
        const asked = inventRequest(users);
        done.push({ asked, answer: await askUntilFinal(asked) });
      }
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = done.length + ANSWERS_PER_LIFE;
      await eventually(async () => done.length >= enough, 60_000);
      await stack.kill("saldo");
      await stack.start("saldo");
    }
    over.abort();
    await Promise.all(clients);

    await eventually(async () => (await countUnpublished()) === 0, 90_000);
    expect(await audit()).toEqual([]);
    await expectLasting(done);
    await eventually(async () => (await webUi.count(carriers(startedAt, "Running"))) === 0, 60_000);
    expect(await webUi.count(carriers(startedAt, "Completed"))).toBeGreaterThan(KILLS);
    for (const end of ["Failed", "TimedOut", "Canceled"]) {
      expect([end, await webUi.count(carriers(startedAt, end))]).toEqual([end, 0]);
    }
  } finally {
    await webUi.close();
  }
});

/** Mostly transfers, in both directions between few users, some of which are declined. */
function inventRequest(users: string[]): Asked {
  const pick = () => Math.floor(Math.random() * users.length);
  const [one, other] = [pick(), pick()];
  const key = crypto.randomUUID();
  const amount = `${1 + pick()}.0${pick()}`;
  if (one !== other) {
    return { key, path: "/v1/transfers", body: { fromUserId: users[one], toUserId: users[other], amount } };
  }
  return { key, path: Math.random() < 0.7 ? "/v1/deposits" : "/v1/withdrawals", body: { userId: users[one], amount } };
}

/** As a careful client does: the same key again until the answer is final, whatever happens to the connection or the service. */
async function askUntilFinal({ path, body, key }: Asked): Promise<Answer> {
  return await eventually(async () => {
    const answer = await Promise.race([post(path, body, { key, wait: 5 }), Bun.sleep(PATIENCE_MS)]);
    return answer !== undefined && (answer.status === 200 || answer.status === 422) && answer;
  }, 60_000);
}

/** What was answered once stands in the ledger, and is what the key is answered with for ever. */
async function expectLasting(done: Done[]): Promise<void> {
  for (const { asked, answer } of done) {
    const { operationId } = answer.body;
    const stored = await get(`/v1/operations/${operationId}`);
    expect(stored.body.operationId).toBe(operationId);
    expect(stored.body.status).toBe(answer.status === 200 ? "completed" : "declined");

    const replayed = await post(asked.path, asked.body, { key: asked.key });
    expect(replayed.headers.get("idempotency-replayed")).toBe("true");
    expect(replayed.status).toBe(answer.status);
    expect(replayed.body).toEqual(answer.body);
  }
}

function carriers(since: Date, status: string): string {
  return `WorkflowType = "carrier" and ExecutionStatus = "${status}" and StartTime >= "${since.toISOString()}"`;
}
