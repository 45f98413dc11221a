import { afterAll, expect, test } from "bun:test";
import { get, post, stack } from "../support/api.ts";
import { audit, countUnpublished, readLedger } from "../support/audit.ts";
import { eventually } from "../support/eventually.ts";
import { createMixedLoad, type Done } from "../support/mixedLoad.ts";
import { uniqueUserId } from "../support/operations.ts";
import { restoreStack } from "../support/outages.ts";
import { pathOf } from "../support/reservations.ts";
import { openWebUi } from "../support/webUi.ts";

const CLIENTS = 12;
const KILLS = 3;
/** So much is done between two kills. */
const ANSWERS_PER_LIFE = 80;

const KINDS = ["deposit", "withdrawal", "transfer", "reservation", "recognition", "release", "extension", "refund"];

afterAll(restoreStack);

test("a service that is killed again and again under a mixed load answers every key once, and keeps every promise", async () => {
  const startedAt = new Date();
  const webUi = await openWebUi();
  try {
    const users = Array.from({ length: 6 }, () => uniqueUserId("flap"));
    const load = createMixedLoad(users);
    const done: Done[] = [];
    const over = new AbortController();
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!over.signal.aborted) done.push(await load.ask());
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = done.length + ANSWERS_PER_LIFE;
      await eventually(async () => done.length >= enough, 60_000);
      await stack.kill("saldo");
      await stack.start("saldo");
    }
    over.abort();
    await Promise.all(clients);
    const completed = done.filter(({ answer }) => answer.status === 200).map(({ answer }) => answer.body.kind);
    expect(new Set(completed)).toEqual(new Set(KINDS));
    await releaseOpen(users);

    await eventually(async () => (await countUnpublished()) === 0, 90_000);
    expect(await audit()).toEqual([]);
    await expectLasting(done);
    // No saga waits for what is settled, whoever settled it when, and nothing of it has failed.
    for (const type of ["carrier", "reservation"]) {
      await eventually(async () => (await webUi.count(workflows(type, startedAt, "Running"))) === 0, 60_000);
      expect(await webUi.count(workflows(type, startedAt, "Completed"))).toBeGreaterThan(KILLS);
      for (const end of ["Failed", "TimedOut", "Canceled"]) {
        expect([type, end, await webUi.count(workflows(type, startedAt, end))]).toEqual([type, end, 0]);
      }
    }
  } finally {
    await webUi.close();
  }
});

/** Settles what would hold for long yet. What expires meanwhile is settled too. */
async function releaseOpen(users: string[]): Promise<void> {
  const open = await readLedger(async (owner) => {
    const { rows } = await owner.query<{ id: string }>(
      "select id from reservations where user_id = any ($1) and remaining_minor > 0",
      [users],
    );
    return rows.map(({ id }) => id);
  });
  const answers = await Promise.all(open.map((id) => post(pathOf(id, "releases"), {}, { wait: 20 })));
  for (const { status } of answers) expect([200, 422]).toContain(status);
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

function workflows(type: string, since: Date, status: string): string {
  return `WorkflowType = "${type}" and ExecutionStatus = "${status}" and StartTime >= "${since.toISOString()}"`;
}
