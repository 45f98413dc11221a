import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, apiUrl, get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { startClients } from "../support/chaos/clients.ts";
import { createMeter } from "../support/chaos/meter.ts";
import { createRandom } from "../support/chaos/random.ts";
import { createRecord } from "../support/chaos/record.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";

const CLIENTS = 12;
const AUDITS = 3;
const LATEST = "/v1/audits/latest";

/** Starts an audit and waits for its end. */
async function audit(): Promise<Answer> {
  const answer = await post("/v1/audits", "", { key: null, wait: 30 });
  expect([answer.status, answer.headers.get("preference-applied")]).toEqual([200, "wait=30"]);
  return answer;
}

test("an audit is 202 at once with its Location, or 200 after a wait, and the latest is the last to end", async () => {
  const started = await post("/v1/audits", "", { key: null });
  expect([started.status, started.headers.get("location")]).toEqual([202, LATEST]);
  expect(started.body).toMatchObject({ workflowId: "audit", status: "running", links: { audit: LATEST } });
  expect(started.body.links.temporal).toEndWith("/namespaces/default/workflows/audit");

  // A request during an audit joins it.
  const joined = await audit();
  expect(joined.body).toMatchObject({ auditId: started.body.auditId, status: "finished", verdict: "clean" });
  expect((await get(LATEST)).body).toEqual(joined.body);

  const { body: next } = await audit();
  expect(next.auditId).not.toBe(joined.body.auditId);
  expect((await get(LATEST)).body).toEqual(next);
});

test("audits require their own scope and accept no query parameter", async () => {
  const token = await mintToken({ scope: "balance:read reports:read" });
  expectProblem(await post("/v1/audits", "", { key: null, token }), "insufficient_scope", "/v1/audits");
  expectProblem(await get(LATEST, { token }), "insufficient_scope", LATEST);
  expectProblem(await post("/v1/audits?x=1", "", { key: null }), "invalid_request", "/v1/audits", {
    errors: [{ field: "x", message: "is not a field of this request" }],
  });
});

test("audits under a mixed load are all clean, and each checks more than the one before", async () => {
  const seed = 7;
  const users = Array.from({ length: 6 }, () => uniqueUserId("audited"));
  const record = createRecord(createRandom(seed));
  const clients = startClients({
    ...{ count: CLIENTS, seed, users, record, meter: createMeter() },
    token: await mintToken({ sub: uniqueUserId("auditor") }),
    origins: () => [apiUrl],
  });
  try {
    let operations = 0;
    for (let count = 0; count < AUDITS; count++) {
      const { body } = await audit();
      expect({ ...body, checked: 0 }).toMatchObject({
        verdict: "clean",
        findings: [],
        findingsTotal: 0,
        notChecked: [],
      });
      expect(body.checked.operations).toBeGreaterThan(operations);
      operations = body.checked.operations;
    }
  } finally {
    await clients.stop();
  }
  expect(record.totals().operations).toBeGreaterThan(CLIENTS);
  expect(record.unexpected).toEqual([]);
});

test("a fault is a finding over HTTP, and after its repair the next audit is clean", async () => {
  const userId = await userWith("5.00", uniqueUserId("broken"));
  await using owner = await connectOwner();
  await owner.query("update accounts set available_minor = available_minor + 100 where user_id = $1", [userId]);
  const { body } = await audit();
  await owner.query("update accounts set available_minor = available_minor - 100 where user_id = $1", [userId]);
  expect(body).toMatchObject({ verdict: "broken", findingsTotal: 1 });
  const sentence = `Account ${userId} is at version 1 with 6.00 available and 0.00 reserved, its last entry at version 1 with 5.00 and 0.00.`;
  expect(body.findings).toEqual([{ promise: 2, accountId: userId, sentence }]);
  expect((await audit()).body.verdict).toBe("clean");
});
