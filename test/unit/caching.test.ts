import { expect, jest, test } from "bun:test";
import { createCaching } from "../../src/activities/caching.ts";
import { createCircuitBreaker } from "../../src/activities/circuitBreaker.ts";
import type { Posted } from "../../src/ledger/posted.ts";
import type { BalanceAsOf } from "../../src/ledger/records.ts";

const balanceOf = (userId: string): BalanceAsOf => ({
  userId,
  availableMinor: 100n,
  reservedMinor: 0n,
  version: 1,
  asOf: new Date(0),
});

type Setting = { read?: () => Promise<BalanceAsOf[]>; write?: () => Promise<void>; posted?: Posted };

function setUp({ read = async () => [balanceOf("from the ledger")], write, posted }: Setting) {
  const written: string[][] = [];
  const troubles: unknown[] = [];
  const refreshBalances = createCaching(
    { readBalancesTouched: read },
    {
      async write(balances) {
        await write?.();
        written.push(balances.map(({ userId }) => userId));
      },
    },
    { find: () => posted },
    createCircuitBreaker("Redis", 100),
    (error) => troubles.push(error),
  );
  return { refreshBalances, written, troubles };
}

test("what was just posted here is written as it is remembered, anything else as the ledger has it, and nothing for nothing", async () => {
  const posted: Posted = { operations: [], entries: [], balances: [balanceOf("from memory")] };
  const [remembered, forgotten] = [setUp({ posted }), setUp({})];
  for (const { refreshBalances } of [remembered, forgotten]) {
    await refreshBalances("carrier", []);
    await refreshBalances("carrier", ["operation"]);
  }
  expect(remembered.written).toEqual([["from memory"]]);
  expect(forgotten.written).toEqual([["from the ledger"]]);
});

test("a cache that is away fails nothing: it is told of once, and left alone for a while", async () => {
  let asked = 0;
  const { refreshBalances, troubles } = setUp({
    async write() {
      asked += 1;
      throw new Error("Redis is away");
    },
  });
  await refreshBalances("carrier", ["one"]);
  await refreshBalances("carrier", ["two"]);
  expect(asked).toBe(1);
  expect(troubles.map(String)).toEqual(["Error: Redis is away"]);
});

test("a ledger that is slow to say the balances holds nobody up for more than 100 ms, and is not taken for a cache that is away", async () => {
  jest.useFakeTimers();
  try {
    const reads = [() => new Promise<never>(() => {}), async () => [balanceOf("from the ledger")]];
    const { refreshBalances, written, troubles } = setUp({ read: () => reads.shift()!() });
    const refreshed = refreshBalances("carrier", ["one"]);
    await Promise.resolve();
    jest.advanceTimersByTime(100);
    await refreshed;
    expect(troubles).toHaveLength(1);
    await refreshBalances("carrier", ["two"]);
    expect(written).toEqual([["from the ledger"]]);
  } finally {
    jest.useRealTimers();
  }
});
