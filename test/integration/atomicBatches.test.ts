import { afterAll, beforeAll, expect, test } from "bun:test";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { deposit, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("atomic");
});

afterAll(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  await ledger.close();
});

const carrier = () => `batch-${crypto.randomUUID()}`;

async function postAtomically(operations: Parameters<TestLedger["post"]>[1]): Promise<string[]> {
  return (await ledger.post(carrier(), operations, true)).outcomes.map(wordOf);
}

test("all of an atomic list complete, each seeing what those before it did", async () => {
  const [alice, bob] = [uniqueUserId(), uniqueUserId()];
  const list = [deposit(alice, "5.00"), transfer(alice, bob, "5.00"), withdrawal(bob, "5.00")];
  expect(await postAtomically(list)).toEqual(["completed", "completed", "completed"]);
  expect(await ledger.availableMinor(bob)).toBe(0n);
});

test("one decline aborts it: nothing is applied, the culprits keep their own codes, and all that is a stored row", async () => {
  const [alice, bob] = [uniqueUserId(), uniqueUserId()];
  await ledger.fund([alice], "10.00");
  const list = [
    transfer(alice, bob, "4.00"),
    withdrawal(alice, "6.01"),
    deposit(bob, "1.00"),
    withdrawal(uniqueUserId(), "1.00"),
  ];
  const words = ["batch_aborted", "insufficient_funds", "batch_aborted", "account_not_found"];
  expect(await postAtomically(list)).toEqual(words);
  expect(await ledger.availableMinor(alice)).toBe(1_000n);
  expect(await ledger.availableMinor(bob)).toBeUndefined();

  await ledger.fund([alice], "100.00");
  expect(await postAtomically(list)).toEqual(words);
  expect((await ledger.post(carrier(), list)).outcomes.map(wordOf)).toEqual(words);
  expect(await ledger.availableMinor(alice)).toBe(11_000n);
});

test("a key that stands for another request aborts it, and is not recorded", async () => {
  const alice = uniqueUserId();
  const stored = deposit(alice, "1.00", "taken");
  await ledger.post(carrier(), [stored]);
  const other = deposit(alice, "2.00", "taken");
  expect(await postAtomically([deposit(alice, "3.00"), other])).toEqual(["batch_aborted", "mismatched"]);
  expect(await ledger.availableMinor(alice)).toBe(100n);
});

test("what was declined before it does not abort it, and what was completed before it is not done again", async () => {
  const alice = uniqueUserId();
  const [completed, declined] = [deposit(alice, "1.00"), withdrawal(alice, "9.00")];
  await ledger.post(carrier(), [completed, declined]);
  const list = [completed, declined, deposit(alice, "2.00")];
  expect(await postAtomically(list)).toEqual(["completed", "insufficient_funds", "completed"]);
  expect(await ledger.availableMinor(alice)).toBe(300n);
});

test("what the database refuses aborts it, is alone called refused, and alerts", async () => {
  const [alice, bob] = [uniqueUserId(), uniqueUserId()];
  await ledger.fund([alice], "10.00");
  ledger.refused.length = 0;
  const poison = deposit("user\u0000", "1.00");
  const list = [transfer(alice, bob, "1.00"), poison, deposit(alice, "1.00")];
  const words = ["batch_aborted", "refused_by_ledger", "batch_aborted"];
  expect(await postAtomically(list)).toEqual(words);
  expect(ledger.refused).toEqual([poison]);
  expect(await ledger.availableMinor(alice)).toBe(1_000n);
  expect(await postAtomically(list)).toEqual(words);
});

test("two atomic lists that need the same money: one is done whole, of the other nothing, however often", async () => {
  for (let round = 0; round < 20; round += 1) {
    const [payer, one, other] = [uniqueUserId(), uniqueUserId(), uniqueUserId()];
    await ledger.fund([payer], "10.00");
    const lists = [one, other].map((to) => [transfer(payer, to, "3.00"), transfer(payer, to, "4.00")]);
    const words = await Promise.all(lists.map(postAtomically));
    expect(words.map((list) => list[0]).toSorted()).toEqual(["batch_aborted", "completed"]);
    const received = [await ledger.availableMinor(one), await ledger.availableMinor(other)];
    expect(new Set(received)).toEqual(new Set([700n, undefined]));
  }
});
