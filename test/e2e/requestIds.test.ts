import { expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi } from "../support/temporal/webUi.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const withRequestId = (requestId: string) => ({ headers: { "x-request-id": requestId } });

test("a good request id of the caller is returned with any response; a bad or missing one is replaced", async () => {
  const paths = ["/healthz", "/v1/services", "/v1/services?colour=red", "/v1/users/nobody/balance", "/nothing"];
  for (const path of paths) {
    for (const good of ["caller-7f/3:a", "x", "~".repeat(128)]) {
      expect((await get(path, withRequestId(good))).headers.get("x-request-id")).toBe(good);
    }
    for (const bad of ["", "a b", "ä", "~".repeat(129)]) {
      expect((await get(path, withRequestId(bad))).headers.get("x-request-id")).toMatch(UUID);
    }
    const ids = [await get(path), await get(path)].map(({ headers }) => headers.get("x-request-id"));
    for (const id of ids) expect(id).toMatch(UUID);
    expect(ids[0]).not.toBe(ids[1]);
  }
});

test("the request id is in the memo of the workflow that it starts, also of a batch, not in the operation", async () => {
  const ui = await openWebUi();
  try {
    const userId = uniqueUserId();
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const key = crypto.randomUUID();
    const body = { userId, amount: "1.00" };
    await awaitIdle();
    const deposit = await post("/v1/deposits", body, { key, wait: 20, ...withRequestId(first) });
    expect((await ui.describe(deposit.body.workflowId)).memo).toEqual({ requestIds: [first] });
    const again = await post("/v1/deposits", body, { key, wait: 20, ...withRequestId(second) });
    expect(again.body).toEqual(deposit.body);
    expect([again.headers.get("idempotency-replayed"), again.headers.get("x-request-id")]).toEqual(["true", second]);

    await awaitIdle();
    const operations = [{ kind: "deposit", idempotencyKey: crypto.randomUUID(), ...body }];
    const batch = await post("/v1/batches", { operations }, { key: null, wait: 20, ...withRequestId(second) });
    expect((await ui.describe(batch.body.workflowId)).memo).toEqual({ requestIds: [second] });
  } finally {
    await ui.close();
  }
});
