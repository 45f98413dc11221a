import { expect, test } from "bun:test";
import { createFindStored } from "../../src/dispatch/storedOperations.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";

const stored = (operationId: string) => ({ operationId }) as StoredOperation;

test("a lookup during a query shares the next one, and gets only its own operations", async () => {
  const queries: string[][] = [];
  const gate = Promise.withResolvers<void>();
  const findStored = createFindStored(async (operationIds) => {
    queries.push(operationIds);
    await gate.promise;
    return operationIds.filter((id) => id !== "new").map(stored);
  });
  const first = findStored(["a"]);
  await Promise.resolve();
  const others = [findStored(["b", "new"]), findStored(["c"])];
  gate.resolve();
  expect([...(await first).keys()]).toEqual(["a"]);
  expect((await Promise.all(others)).map((found) => [...found.keys()])).toEqual([["b"], ["c"]]);
  expect(queries).toEqual([["a"], ["b", "new", "c"]]);
});

test("a failed or hanging ledger finds nothing, and the next lookup queries again", async () => {
  const answers = [
    () => Promise.reject(new Error("away")),
    async () => [stored("a")],
    () => new Promise<never>(() => {}),
  ];
  const findStored = createFindStored(() => answers.shift()!());
  expect((await findStored(["a"])).size).toBe(0);
  expect((await findStored(["a"])).size).toBe(1);
  expect((await findStored(["a"])).size).toBe(0);
});
