import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, get, post, stack } from "../support/api/client.ts";
import { uniqueOrderId } from "../support/api/reservations.ts";
import { createFleet } from "../support/chaos/fleet.ts";
import { planShort, SHORT_CLIENTS } from "../support/chaos/plan.ts";
import { KINDS } from "../support/chaos/requests.ts";
import { runChaos } from "../support/chaos/run.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

const AT_ONCE = 20;

const fleet = createFleet(stack, "one");
let one: string;
let other: string;
beforeAll(async () => {
  await fleet.become("many");
  [one, other] = fleet.origins() as [string, string];
}, 90_000);

afterAll(async () => {
  await fleet.become("one");
  await restoreStack();
}, 90_000);

/** Sends the same POST to both APIs concurrently. */
function postAtBoth(path: string, body: object, key: string | null = crypto.randomUUID()): Promise<Answer[]> {
  return Promise.all([one, other].map((origin) => post(path, body, { key, wait: 30, origin })));
}

/** Reads from both APIs, whose responses must be equal except for asOf. */
async function readAtBoth(path: string): Promise<Answer["body"]> {
  const [first, second] = await Promise.all([one, other].map((origin) => get(path, { origin })));
  expect([first!.status, second!.status]).toEqual([200, 200]);
  expect({ ...second!.body, asOf: first!.body.asOf }).toEqual(first!.body);
  return first!.body;
}

describe("A process has only the parts of its role", () => {
  const workers = () => fleet.workers().map((part) => stack.address(part));
  const readMetrics = async (origin: string) => await (await fetch(`${origin}/metrics`)).text();

  test("a worker serves its health and metrics, and no route of the API", async () => {
    for (const origin of workers()) {
      expect((await fetch(`${origin}/healthz`)).status).toBe(200);
      // Without a token, a route of the API would respond with 401.
      expect((await fetch(`${origin}/v1/services`)).status).toBe(404);
      expect((await fetch(`${origin}/v1/deposits`, { method: "POST" })).status).toBe(404);
    }
  });

  test("an API starts no worker of Temporal", async () => {
    const started = /^temporal_worker_start_total\{/m;
    for (const origin of workers()) expect(await readMetrics(origin)).toMatch(started);
    for (const origin of fleet.origins()) expect(await readMetrics(origin)).not.toMatch(started);
  });
});

describe("With two APIs and two workers in separate processes", () => {
  test("a request sent to both APIs at once is one operation, and moves the money once", async () => {
    const users = Array.from({ length: AT_ONCE }, () => uniqueUserId("both"));
    const pairs = await Promise.all(users.map((userId) => postAtBoth("/v1/deposits", { userId, amount: "2.50" })));
    for (const [index, [first, second]] of pairs.entries()) {
      expect([first!.status, second!.status]).toEqual([200, 200]);
      expect(second!.body).toEqual(first!.body);
      const balance = await readAtBoth(`/v1/users/${users[index]}/balance?consistency=strong`);
      expect(balance).toMatchObject({ available: "2.50", version: 1 });
    }
  });

  test("a key with different requests at two APIs belongs to one of them", async () => {
    const userId = uniqueUserId("key");
    const key = crypto.randomUUID();
    const answers = await Promise.all([
      post("/v1/deposits", { userId, amount: "1.00" }, { key, wait: 30, origin: one }),
      post("/v1/deposits", { userId, amount: "2.00" }, { key, wait: 30, origin: other }),
    ]);
    const [done, refused] = answers.toSorted((a, b) => a.status - b.status);
    expect(done!.status).toBe(200);
    expect(refused!.body).toMatchObject({ code: "idempotency_payload_mismatch", differingFields: ["amount"] });
    const balance = await readAtBoth(`/v1/users/${userId}/balance?consistency=strong`);
    expect(balance).toMatchObject({ available: done!.body.amount, version: 1 });
  });

  test("an operation that one API accepted without waiting is awaited at the other", async () => {
    const userId = uniqueUserId("later");
    const [key, body] = [crypto.randomUUID(), { userId, amount: "1.00" }];
    const accepted = await post("/v1/deposits", body, { key, origin: one, isAsync: true });
    expect(accepted.status).toBe(202);
    const finished = await post("/v1/deposits", body, { key, wait: 30, origin: other });
    expect(finished.body).toMatchObject({ operationId: accepted.body.operationId, status: "completed" });
    expect(await readAtBoth(`/v1/operations/${accepted.body.operationId}`)).toEqual(finished.body);
  });

  test("a reservation of one API is settled by the other, reads the same at both, and its saga ends", async () => {
    const userId = uniqueUserId("order");
    await post("/v1/deposits", { userId, amount: "9.00" }, { wait: 30, origin: other });
    const order = { userId, serviceId: "promotion", orderId: uniqueOrderId(), amount: "5.00" };
    const reserved = await post("/v1/reservations", order, { wait: 30, origin: one });
    const { reservationId, workflowId } = reserved.body;
    const path = `/v1/reservations/${reservationId}`;
    const part = { amount: "2.00", final: false };
    expect((await post(`${path}/recognitions`, part, { wait: 30, origin: other })).status).toBe(200);
    expect((await post(`${path}/releases`, {}, { wait: 30, origin: one })).status).toBe(200);

    const read = await readAtBoth(path);
    expect(read).toMatchObject({ state: "settled", recognized: "2.00", released: "3.00" });
    expect((await readAtBoth(`/v1/users/${userId}/transactions`)).items).toHaveLength(4);
    const webUi = await openWebUi();
    await eventually(async () => (await webUi.status(workflowId)) === "COMPLETED", 30_000).finally(webUi.close);
  });

  test("a batch sent to both APIs at once is done once, with equal outcomes", async () => {
    const userId = uniqueUserId("batch");
    const item = (kind: string, amount: string) => ({ kind, idempotencyKey: crypto.randomUUID(), userId, amount });
    const operations = [item("deposit", "3.00"), item("withdrawal", "9.00"), item("withdrawal", "1.00")];
    const [first, second] = await postAtBoth("/v1/batches", { operations }, null);
    expect([first!.status, second!.status]).toEqual([200, 200]);
    expect(second!.body).toEqual(first!.body);
    const outcomes = first!.body.operations.map(({ status }: { status: string }) => status);
    expect(outcomes).toEqual(["completed", "declined", "completed"]);
    expect(await readAtBoth(`/v1/users/${userId}/balance?consistency=strong`)).toMatchObject({ available: "2.00" });
  });

  test("a final response is equal at both APIs, whichever answered first", async () => {
    const userId = uniqueUserId("again");
    for (const [path, amount, origin] of [
      ["/v1/deposits", "1.00", one],
      ["/v1/withdrawals", "7.00", other],
    ] as const) {
      const key = crypto.randomUUID();
      const first = await post(path, { userId, amount }, { key, wait: 30, origin });
      for (const again of await postAtBoth(path, { userId, amount }, key)) {
        expect(again.headers.get("idempotency-replayed")).toBe("true");
        expect([again.status, again.body]).toEqual([first.status, first.body]);
      }
    }
  });
});

test("after kills under a mixed load every key has one outcome, every promise is kept, and all work ends", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  print(`seed ${seed}`);
  const phases = planShort(seed, ["many", "one"]);
  const { signal } = new AbortController();
  const chaos = await runChaos({ stack, fleet, seed, clientCount: SHORT_CLIENTS, phases, print, signal });
  expect(chaos.findings).toEqual([]);
  expect(new Set(chaos.record.kinds.keys())).toEqual(new Set(KINDS));
}, 300_000);
