import { afterAll, expect, test } from "bun:test";
import { get, post, type RequestOptions, stack } from "../support/api/client.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

const CROWD = 20;

/** Temporal redispatches a workflow task of a dead worker after 10 s. */
const COMPLETED_WITHIN_MS = 40_000;

afterAll(restoreStack);

test("operations answered 202 before a kill and not committed complete after the restart, once", async () => {
  const userId = uniqueUserId("kill");
  await post("/v1/deposits", { userId, amount: "100.00" }, { wait: 10 });

  const requests = Array.from({ length: CROWD }, () => ({ key: crypto.randomUUID() }));
  const submit = (asking: RequestOptions) => post("/v1/withdrawals", { userId, amount: "1.00" }, asking);

  const accepted = await readLedger(async (client) => {
    await client.query("begin");
    await client.query("select from accounts where user_id = $1 for update", [userId]);
    // The carrier of the deposit pulls some of them. They return to the queue, and are the input of another carrier.
    const answers = await Promise.all(requests.map((request) => submit({ ...request, isAsync: true })));
    await eventually(async () => {
      // Does not use pg_stat_activity, which a transaction reads only once.
      const { rows } = await client.query("select from pg_locks where pg_backend_pid() = any (pg_blocking_pids(pid))");
      return rows.length > 0;
    });
    await stack.kill("saldo");
    await client.query("rollback");
    return answers;
  });
  expect(accepted.map(({ status }) => status)).toEqual(requests.map(() => 202));
  expect((await countEntries(userId)).entries).toBe(1);

  await stack.start("saldo");
  for (const { body } of accepted) {
    const completed = await eventually(async () => {
      const answer = await get(`/v1/operations/${body.operationId}?workflowId=${body.workflowId}`);
      return answer.body.status === "completed" && answer;
    }, COMPLETED_WITHIN_MS);
    expect(completed.body).toMatchObject({ kind: "withdrawal", amount: "1.00", workflowId: body.workflowId });
  }
  const repeated = await Promise.all(requests.map((request) => submit({ ...request, wait: 10 })));
  expect(repeated.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual(requests.map(() => "true"));
  const balance = await get(`/v1/users/${userId}/balance?consistency=strong`);
  expect(balance.body).toMatchObject({ available: `${100 - CROWD}.00`, version: 1 + CROWD });
  expect(await countEntries(userId)).toEqual({ entries: 1 + CROWD, operations: 1 + CROWD });
});

function countEntries(userId: string): Promise<{ entries: number; operations: number }> {
  return readLedger(async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as entries, count(distinct operation_id)::int as operations from entries where user_id = $1",
      [userId],
    );
    return rows[0];
  });
}
