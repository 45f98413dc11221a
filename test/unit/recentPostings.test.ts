import { expect, test } from "bun:test";
import { createRecentPostings } from "../../src/activities/recentPostings.ts";
import type { Posted } from "../../src/ledger/posted.ts";

function posted(...operationIds: string[]): Posted {
  return { operations: operationIds.map((operationId) => ({ operationId }) as never), entries: [], balances: [] };
}

test("a posting is found by its carrier and any of its operations, not by another's", () => {
  const recent = createRecentPostings();
  const one = posted("a", "b");
  recent.remember("carrier", one);
  expect(recent.find("carrier", ["b"])).toBe(one);
  expect(recent.find("carrier", ["b", "c"])).toBeUndefined();
  expect(recent.find("another", ["a"])).toBeUndefined();
});

test("the last posting of a carrier counts, and of carriers the last eight", () => {
  const recent = createRecentPostings();
  recent.remember("saga", posted("a"));
  for (let index = 0; index < 7; index += 1) recent.remember(`carrier-${index}`, posted("x"));
  const later = posted("b");
  recent.remember("saga", later);
  recent.remember("carrier-7", posted("x"));
  expect(recent.find("saga", ["b"])).toBe(later);
  expect(recent.find("saga", ["a"])).toBeUndefined();
  expect(recent.find("carrier-0", ["x"])).toBeUndefined();
  expect(recent.find("carrier-1", ["x"])).toBeDefined();
});

test("what was written some time ago is not what a later run is to tell", () => {
  let nowMs = 0;
  const recent = createRecentPostings(() => nowMs);
  recent.remember("carrier", posted("a"));
  nowMs = 1_999;
  expect(recent.find("carrier", ["a"])).toBeDefined();
  nowMs = 2_000;
  expect(recent.find("carrier", ["a"])).toBeUndefined();
});
