import { describe, expect, test } from "bun:test";
import {
  type DispatchState,
  decideStart,
  GATHER_MAX_MS,
  gatherMaxMs,
  mayQueue,
  QUEUED_OPERATIONS_MAX,
  retryAfterSeconds,
  UNCOMMITTED_CARRIERS_MAX,
} from "../../src/dispatch/policy.ts";

const limits = { operationsMax: 1_000, carriersMax: 2 };
const idle: DispatchState = { queuedOperations: 1, uncommitted: 0, starting: 0 };
const pulling: DispatchState = { ...idle, puller: { isWindowOver: false, isBlocked: false } };
const full = { uncommitted: UNCOMMITTED_CARRIERS_MAX };

describe("where no carrier pulls", () => {
  test.each<[string, Partial<DispatchState>, ReturnType<typeof decideStart>]>([
    ["a carrier starts where none is starting", {}, "start"],
    ["the next carrier waits for a starting one", { uncommitted: 1, starting: 1 }, "wait"],
    ["one operation less than a full carrier waits", { queuedOperations: 999, starting: 1 }, "wait"],
    ["a full carrier starts while one is starting", { queuedOperations: 1_000, starting: 1 }, "start"],
    ["a full carrier waits while two are starting", { queuedOperations: 1_000, starting: 2 }, "wait"],
    ["a carrier that starts late no longer delays the next", { uncommitted: 1, starting: 0 }, "start"],
    ["31 uncommitted carriers allow one more", { uncommitted: 31 }, "start"],
    ["32 uncommitted carriers cause a refusal", full, "refuse"],
    [
      "32 uncommitted carriers cause a refusal of a full one too",
      { ...full, queuedOperations: 1_000, starting: 1 },
      "refuse",
    ],
    ["32 uncommitted carriers cause no refusal while one is starting", { ...full, starting: 1 }, "wait"],
  ])("%s", (_, state, decision) => {
    expect(decideStart({ ...idle, ...state }, limits)).toBe(decision);
  });
});

describe("where a carrier pulls", () => {
  const isWindowOver = { puller: { isWindowOver: true, isBlocked: false } };
  const isBlocked = { puller: { isWindowOver: false, isBlocked: true } };

  test.each<[string, Partial<DispatchState>, ReturnType<typeof decideStart>]>([
    ["no other starts", {}, "wait"],
    ["no other starts, not even a full one", { queuedOperations: 16_000 }, "wait"],
    ["its successor starts when its window is over", isWindowOver, "start"],
    ["its successor starts for entries that it cannot take", isBlocked, "start"],
    ["one successor starts at a time", { ...isWindowOver, starting: 1 }, "wait"],
    ["one successor starts at a time for entries that it cannot take", { ...isBlocked, starting: 1 }, "wait"],
    ["32 uncommitted carriers delay the successor and cause no refusal", { ...isWindowOver, ...full }, "wait"],
  ])("%s", (_, state, decision) => {
    expect(decideStart({ ...pulling, ...state }, limits)).toBe(decision);
  });
});

test("with carriers of one operation, the allowed number of them starts concurrently", () => {
  const single = { operationsMax: 1, carriersMax: 32 };
  expect(decideStart({ ...idle, starting: 31 }, single)).toBe("start");
  expect(decideStart({ ...idle, starting: 32 }, single)).toBe("wait");
});

describe("the next batch waits for callers that return", () => {
  test.each<[string, { size: number; returnUntilMs: number }, number]>([
    ["never for the only caller of the last batch", { size: 1, returnUntilMs: 120 }, 0],
    ["never before the first batch", { size: 0, returnUntilMs: 0 }, 0],
    ["no longer than the last batch took", { size: 3, returnUntilMs: 102 }, 2],
    ["no longer than its bound, however long the last batch took", { size: 500, returnUntilMs: 1_000 }, GATHER_MAX_MS],
    ["not at all once they had time to return", { size: 3, returnUntilMs: 100 }, 0],
    ["not at all long after the last batch", { size: 500, returnUntilMs: -5_000 }, 0],
  ])("%s", (_, last, ms) => {
    expect(gatherMaxMs(last, 100)).toBe(ms);
  });
});

describe("a caller's share of the queue", () => {
  /** Adds to the queue for each caller in turn while it is allowed. @returns the share of each */
  function fill(callers: number, size: number): number[] {
    const shares = Array.from({ length: callers }, () => 0);
    for (let grew = true; grew; ) {
      grew = false;
      for (const [index, held] of shares.entries()) {
        const queued = shares.reduce((sum, share) => sum + share, 0);
        if (!mayQueue(held, queued, size)) continue;
        shares[index] = held + size;
        grew = true;
      }
    }
    return shares;
  }

  test.each([1, 2, 3, 7])("is equal for %p callers, with one share left free", (callers) => {
    const equal = QUEUED_OPERATIONS_MAX / (callers + 1);
    for (const share of fill(callers, 1)) expect(share).toBeWithin(Math.floor(equal) - 1, Math.ceil(equal) + 1);
  });

  test("is half for a lone caller, also with large batches", () => {
    expect(fill(1, 1_000)).toEqual([8_000]);
  });

  test("leaves room for a caller with nothing in the queue, next to any few that fill theirs", () => {
    for (let callers = 1; callers <= 14; callers += 1) {
      const queued = fill(callers, 1_000).reduce((sum, share) => sum + share, 0);
      expect(mayQueue(0, queued, 1)).toBe(true);
    }
    expect(mayQueue(0, QUEUED_OPERATIONS_MAX, 1)).toBe(false);
  });
});

test("refused callers return once the queue has moved on, after 1 s at least and 20 s at most", () => {
  expect([0, 300, 1_000, 4_500, 20_000, 3_600_000].map(retryAfterSeconds)).toEqual([1, 1, 1, 4.5, 20, 20]);
});
