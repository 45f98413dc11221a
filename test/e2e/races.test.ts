import { afterAll, beforeAll, expect, test } from "bun:test";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { stack } from "../support/api/client.ts";
import { availableOf, tally, userWith } from "../support/api/funds.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { type Replicas, startReplicas } from "../support/stack/replicas.ts";
import { eventually } from "../support/waiting.ts";

// Races three processes, whose requests meet in the ledger. One process would serialize its own requests.
let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas(2);
}, 90_000);
afterAll(() => replicas[Symbol.asyncDispose](), 30_000);

function times<Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

/**
 * Expects that all carriers of the user complete. A carrier that cannot post retries without limit, while its callers
 * have their answers.
 */
async function expectNoCarrierLeft(userId: string): Promise<void> {
  await eventually(async () => {
    expect(await countCarriers(`UserId = "${userId}"`)).toBeGreaterThan(0);
    expect(await countCarriers(`UserId = "${userId}" and ExecutionStatus != "Completed"`)).toBe(0);
    return true;
  });
}

async function countCarriers(query: string): Promise<number> {
  const namespace = `${stack.environment.TEMPORAL_UI_URL}/api/v1/namespaces/default`;
  const response = await fetch(`${namespace}/workflow-count?query=${encodeURIComponent(query)}`);
  return Number(((await response.json()) as { count?: string }).count ?? 0);
}

test("of 40 concurrent withdrawals of a whole balance one completes", async () => {
  const userId = await userWith("100.00");
  const answers = await times(40, () => replicas.post("/v1/withdrawals", { userId, amount: "100.00" }));
  expect(tally(answers)).toEqual({ "200": 1, "422 insufficient_funds": 39 });
  expect(await availableOf(userId)).toBe("0.00");
  await expectNoCarrierLeft(userId);
}, 60_000);

test("120 concurrent opposite transfers all complete, and money is conserved", async () => {
  const [alice, bob] = [await userWith("100.00", "alice"), await userWith("100.00", "bob")];
  const answers = await times(120, (index) => {
    const [fromUserId, toUserId] = index % 2 === 0 ? [alice, bob] : [bob, alice];
    return replicas.post("/v1/transfers", { fromUserId, toUserId, amount: index % 3 === 0 ? "1.01" : "1.00" });
  });
  expect(tally(answers)).toEqual({ "200": 120 });
  // Every third amount is 1.01, so 20 of them go each way.
  expect([await availableOf(alice), await availableOf(bob)]).toEqual(["100.00", "100.00"]);
  await expectNoCarrierLeft(alice);
}, 60_000);

test("40 concurrent first deposits to a new user all complete, each with another balance after it", async () => {
  const userId = uniqueUserId("new");
  const answers = await times(40, () => replicas.post("/v1/deposits", { userId, amount: "1.00" }));
  expect(tally(answers)).toEqual({ "200": 40 });
  const versions = new Set(answers.map(({ body }) => `${body.balance.version}: ${body.balance.available}`));
  expect(versions).toEqual(new Set(Array.from({ length: 40 }, (_, index) => `${index + 1}: ${index + 1}.00`)));
  expect(await availableOf(userId)).toBe("40.00");
  await expectNoCarrierLeft(userId);
}, 60_000);

test("30 identical concurrent requests are one operation, and the money moves once", async () => {
  const userId = await userWith("100.00");
  const key = crypto.randomUUID();
  const answers = await times(30, () => replicas.post("/v1/withdrawals", { userId, amount: "60.00" }, key));
  expect(tally(answers)).toEqual({ "200": 30 });
  const [{ body: first }] = answers as [(typeof answers)[number]];
  for (const { body } of answers) expect(body).toEqual(first);
  expect(first.balance).toEqual({ available: "40.00", reserved: "0.00", version: 2 });
  expect(await availableOf(userId)).toBe("40.00");
  await expectNoCarrierLeft(userId);
}, 60_000);

test("30 concurrent requests under one key are one operation, and those that differ from it mismatch", async () => {
  for (const odd of [0, 15]) {
    const userId = await userWith("100.00");
    const key = crypto.randomUUID();
    const amounts = Array.from({ length: 30 }, (_, index) => (index === odd ? "70.00" : "60.00"));
    const answers = await times(30, (index) =>
      replicas.post("/v1/withdrawals", { userId, amount: amounts[index] }, key),
    );

    await using owner = await connectOwner();
    const operationId = deriveOperationId("demo", key);
    const { rows } = await owner.query("select request from operations where id = $1", [operationId]);
    expect(rows).toHaveLength(1);
    const { amount } = rows[0].request;
    for (const [index, { status, body }] of answers.entries()) {
      if (amounts[index] === amount)
        expect([status, body.operationId, body.amount]).toEqual([200, operationId, amount]);
      else expect([status, body.code, body.differingFields]).toEqual([422, "idempotency_payload_mismatch", ["amount"]]);
    }
    expect(await availableOf(userId)).toBe(amount === "70.00" ? "30.00" : "40.00");
    await expectNoCarrierLeft(userId);
  }
}, 60_000);
