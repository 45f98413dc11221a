import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createOutcomes, type Outcomes } from "../../src/dispatch/outcomes.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { pass } from "../support/dispatch/dispatching.ts";
import { storedDeposit } from "../support/dispatch/storedDeposit.ts";

const never = new AbortController().signal;
const uncached = Promise.resolve();

let queries: string[][];
let refreshed: string[][];
let ledger: Map<string, StoredOperation>;
let findOperations: (operationIds: string[]) => Promise<StoredOperation[]>;
let refreshTouched: () => Promise<void>;
let finished: string[];
let outcomes: Outcomes;

beforeEach(() => {
  jest.useFakeTimers();
  queries = [];
  refreshed = [];
  finished = [];
  ledger = new Map();
  findOperations = async (operationIds) =>
    operationIds.map((operationId) => ledger.get(operationId)).filter((one) => one !== undefined);
  refreshTouched = async () => {};
  outcomes = createOutcomes({
    findOperations(operationIds) {
      queries.push(operationIds);
      return findOperations(operationIds);
    },
    refreshTouched(operationIds) {
      refreshed.push(operationIds);
      return refreshTouched();
    },
    noteFinished: (operations) => void finished.push(...operations.map(({ operationId }) => operationId)),
    pollEveryMs: 20,
  });
});

afterEach(() => {
  jest.useRealTimers();
});

function store(operationId: string): StoredOperation {
  const operation = storedDeposit(operationId, "carrier");
  ledger.set(operationId, operation);
  return operation;
}

type Watched = { is: "waiting" | "over"; operation?: StoredOperation | undefined; isCached: boolean };

/** The state of a wait. */
function watch(operationId: string, signal = never): Watched {
  const watched: Watched = { is: "waiting", isCached: false };
  void outcomes.awaitOutcome(operationId, signal).then(async (outcome) => {
    Object.assign(watched, { is: "over", operation: outcome?.operation });
    await outcome?.cached;
    if (outcome) watched.isCached = true;
  });
  return watched;
}

const waiting: Watched = { is: "waiting", isCached: false };
const over = (operation: StoredOperation): Watched => ({ is: "over", operation, isCached: true });
const timedOut: Watched = { is: "over", operation: undefined, isCached: false };

test("all stored operations are noted as finished, with and without a waiter", async () => {
  outcomes.resolve([storedDeposit("unawaited", "carrier")], uncached);
  watch("awaited");
  store("awaited");
  await pass(20);
  expect(finished).toEqual(["unawaited", "awaited"]);
});

describe("operations that no worker of this process has posted", () => {
  test("are found by one query for all waiters", async () => {
    for (const operationId of ["a", "b", "c", "a"]) watch(operationId);
    await pass(20);
    expect(queries).toEqual([["a", "b", "c"]]);
  });

  test("resolve every waiter once they are stored, and leave the others waiting", async () => {
    const stored = store("a");
    const waits = ["a", "a", "b"].map((operationId) => watch(operationId));
    await pass(20);
    expect(waits).toEqual([over(stored), over(stored), waiting]);
  });

  test("are queried again until they are stored, at growing intervals of at most 200 ms", async () => {
    watch("a");
    for (const [index, pauseMs] of [20, 40, 80, 160, 200, 200].entries()) {
      await pass(pauseMs - 1);
      expect(queries).toHaveLength(index);
      await pass(1);
      expect(queries).toHaveLength(index + 1);
    }
  });

  test("are queried again after a query that failed", async () => {
    const find = findOperations;
    findOperations = () => Promise.reject(new Error("away"));
    const stored = store("a");
    const wait = watch("a");
    await pass(20);
    expect(wait).toEqual(waiting);
    findOperations = find;
    await pass(200);
    expect(wait).toEqual(over(stored));
  });

  test("are not queried before the time that a posting in this process takes", async () => {
    watch("early");
    await pass(15);
    watch("late");
    await pass(5);
    expect(queries).toEqual([["early"]]);
    await pass(40);
    expect(queries).toEqual([["early"], ["early", "late"]]);
  });

  test("cause no query while there is no waiter", async () => {
    store("a");
    watch("a");
    await pass(20);
    outcomes.resolve([storedDeposit("b", "carrier")], uncached);
    await pass(1_000);
    expect(queries).toHaveLength(1);
  });

  test("have their balances refreshed once, and the outcome returns before the cache write ends", async () => {
    const trial = Promise.withResolvers<void>();
    refreshTouched = () => trial.promise;
    const stored = store("a");
    const waits = [watch("a"), watch("a")];
    await pass(20);
    expect(waits).toEqual(Array(2).fill({ is: "over", operation: stored, isCached: false }));
    expect(refreshed).toEqual([["a"]]);
    trial.resolve();
    await pass(0);
    expect(waits).toEqual(Array(2).fill(over(stored)));
  });
});

describe("operations that a worker of this process has posted", () => {
  test("resolve their waiters at once, without a query and without another cache write", async () => {
    const [posted, other] = [storedDeposit("a", "carrier"), storedDeposit("of no waiter", "carrier")];
    const waits = [watch("a"), watch("a"), watch("b")];
    outcomes.resolve([other, posted], uncached);
    await pass(0);
    expect(waits).toEqual([over(posted), over(posted), waiting]);
    expect([queries, refreshed]).toEqual([[], []]);
  });

  test("pass on the cache write of their posting", async () => {
    const trial = Promise.withResolvers<void>();
    const posted = storedDeposit("a", "carrier");
    const wait = watch("a");
    outcomes.resolve([posted], trial.promise);
    await pass(0);
    expect(wait).toEqual({ is: "over", operation: posted, isCached: false });
    trial.resolve();
    await pass(0);
    expect(wait).toEqual(over(posted));
  });

  test("resolve once, even if a query finds them too", async () => {
    const gate = Promise.withResolvers<void>();
    const find = findOperations;
    findOperations = (operationIds) => gate.promise.then(() => find(operationIds));
    const posted = storedDeposit("a", "carrier of this process");
    store("a");
    const wait = watch("a");
    await pass(20);
    outcomes.resolve([posted], uncached);
    gate.resolve();
    await pass(0);
    expect(wait).toEqual(over(posted));
  });
});

describe("a waiter that gives up", () => {
  test("gets undefined, and another for the same operation continues", async () => {
    const deadline = new AbortController();
    const [first, second] = [watch("a", deadline.signal), watch("a")];
    deadline.abort();
    const stored = store("a");
    await pass(20);
    expect([first, second]).toEqual([timedOut, over(stored)]);
  });

  test("causes no further query", async () => {
    const deadline = new AbortController();
    watch("a", deadline.signal);
    watch("b");
    deadline.abort();
    await pass(20);
    expect(queries).toEqual([["b"]]);
  });

  test("before it begins gets undefined at once", async () => {
    const wait = watch("a", AbortSignal.abort());
    await pass(0);
    expect(wait).toEqual(timedOut);
  });

  test("does not affect a waiter that came after the operation was resolved", async () => {
    const deadline = new AbortController();
    watch("a", deadline.signal);
    outcomes.resolve([storedDeposit("a", "carrier")], uncached);
    const later = watch("a");
    deadline.abort();
    await pass(0);
    expect(later).toEqual(waiting);
    const stored = store("a");
    await pass(200);
    expect(later).toEqual(over(stored));
  });
});

test("shutdown resolves all waiters as timed out, also later ones, and ends the queries", async () => {
  const waits = [watch("a"), watch("b")];
  outcomes.cancelAll();
  waits.push(watch("c"));
  await pass(1_000);
  expect(waits).toEqual(Array(3).fill(timedOut));
  expect(queries).toEqual([]);
});
