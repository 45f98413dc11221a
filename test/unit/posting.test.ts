import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { PullingCarrier } from "../../src/ledger/carriers.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { StoredEntry, StoredOperation } from "../../src/ledger/records.ts";
import {
  carrier,
  completing,
  expiries,
  input,
  ledgerOf,
  never,
  POSTING_ACTIVITIES,
  setUpPosting,
} from "../support/activities/posting.ts";
import { deposit } from "../support/ledger/operations.ts";
import { drainMicrotasks } from "../support/waiting.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe.each(POSTING_ACTIVITIES)("%s", (_, way, run) => {
  test("publishes the posted operations once, and refreshes cache and callers once", async () => {
    const { posting, stepsOf } = setUpPosting(ledgerOf(way));
    await run(posting);
    const posted = expect.objectContaining({ outcomes: expect.any(Array) });
    expect(stepsOf("onPosted")).toEqual([[posted, true]]);
    expect(stepsOf("publishPosted")).toEqual([[posted]]);
  });

  test("answers callers before it waits for the events, and ends once both are done", async () => {
    const [cache, kafka] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()];
    const { posting, names } = setUpPosting(ledgerOf(way), {
      onPosted: () => cache.promise,
      publishPosted: () => kafka.promise,
    });
    let isOver = false;
    const done = run(posting).then(() => {
      isOver = true;
    });
    await drainMicrotasks();
    expect(names().filter((name) => name === "onPosted" || name === "publishPosted")).toEqual([
      "onPosted",
      "publishPosted",
    ]);
    kafka.resolve(true);
    await drainMicrotasks();
    expect(isOver).toBe(false);
    cache.resolve();
    await done;
  });

  test("waits at most 2 s for cache and events, and then reads the state of the events", async () => {
    const { posting, stepsOf } = setUpPosting(ledgerOf(way), { onPosted: never, publishPosted: never });
    const done = run(posting);
    await drainMicrotasks();
    jest.advanceTimersByTime(2_000);
    expect(await done).toMatchObject({ events: "waiting" });
    expect(stepsOf("readPublication")).toEqual([["carrier"]]);
  });

  test("returns the state of events that could not be published", async () => {
    for (const publication of ["published", "waiting", "queued"] as const) {
      const { posting } = setUpPosting(ledgerOf(way), {
        publishPosted: async () => false,
        readPublication: async () => ({ events: publication, eventsWaiting: 2 }),
      });
      expect(await run(posting)).toMatchObject({ events: publication, eventsWaiting: 2 });
    }
  });

  test("has no follow-up where the ledger fails", async () => {
    const away = () => Promise.reject(new Error("PostgreSQL is away"));
    const { posting, names } = setUpPosting({ ...ledgerOf(way), post: away, expire: away });
    await expect(run(posting)).rejects.toThrow("PostgreSQL is away");
    const followUp = ["onPosted", "publishPosted", "readPublication", "pull", "findSagasToSignal", "onCarried"];
    expect(names().filter((name) => followUp.includes(name))).toEqual([]);
  });

  test("returns the sagas to signal among those whose reservations it changed", async () => {
    const changed = { sagaWorkflowIds: ["one", "two", "one"] };
    const { posting, stepsOf } = setUpPosting({
      ...ledgerOf(way),
      post: async (__, operations) => completing(operations, changed),
      expire: async () => ({ posted: { ...expiries(1), ...changed }, refusedIds: [] }),
      findSagasToSignal: async () => ["two"],
    });
    expect(await run(posting)).toMatchObject({ sagaWorkflowIds: ["two"] });
    expect(stepsOf("findSagasToSignal")).toEqual([[["one", "two"]]]);
  });

  test("does not search for sagas where it changed no reservation of others", async () => {
    const { posting, stepsOf } = setUpPosting(ledgerOf(way));
    expect(await run(posting)).toMatchObject({ sagaWorkflowIds: [] });
    expect(stepsOf("findSagasToSignal")).toEqual([]);
  });

  test.each([
    ["fails", () => Promise.reject(new Error("PostgreSQL is away"))],
    ["takes longer than 2 s", never],
  ])("reports a search for sagas that %s, and succeeds", async (__, findSagasToSignal) => {
    const changed = { sagaWorkflowIds: ["one"] };
    const { posting, errors } = setUpPosting({
      ...ledgerOf(way),
      post: async (___, operations) => completing(operations, changed),
      expire: async () => ({ posted: { ...expiries(1), ...changed }, refusedIds: [] }),
      findSagasToSignal,
    });
    const done = run(posting);
    await drainMicrotasks();
    jest.advanceTimersByTime(2_000);
    expect(await done).toMatchObject({ sagaWorkflowIds: [] });
    expect(errors).toHaveLength(1);
  });
});

describe("a carrier", () => {
  test("posts its input, then the operations that it pulls, under its own id, and counts all of them", async () => {
    const first = input();
    const { posting, stepsOf, names } = setUpPosting(
      {},
      {
        async pull({ post }) {
          await post([deposit("carol", "1.00")]);
          await post([deposit("dave", "1.00")]);
        },
      },
    );
    const result = await posting.post(carrier, { ...first, isAtomic: true });
    expect(result.counts).toEqual([
      { kind: "deposit", outcome: "completed", count: 3 },
      { kind: "withdrawal", outcome: "completed", count: 1 },
    ]);
    expect(result.found.userIds).toEqual(["alice", "bob", "carol", "dave"]);
    const posts = stepsOf("post") as [string, Operation[], boolean | undefined][];
    expect(posts.map(([workflowId, operations, isAtomic]) => [workflowId, operations.length, isAtomic])).toEqual([
      ["carrier", 2, true],
      ["carrier", 1, undefined],
      ["carrier", 1, undefined],
    ]);
    expect(stepsOf("onPosted")).toHaveLength(3);
    expect(stepsOf("publishPosted")).toHaveLength(3);
    expect(stepsOf("onCarried")).toEqual([[4]]);
    expect(names().indexOf("onPosted")).toBeLessThan(names().indexOf("pull"));
  });

  test("pulls as the saga or the plain carrier that it is", async () => {
    for (const isSaga of [true, false]) {
      const { posting, stepsOf } = setUpPosting();
      await posting.post({ workflowId: "carrier", isSaga }, input());
      expect(stepsOf("pull")).toMatchObject([[{ workflowId: "carrier", isSaga }]]);
    }
  });

  test("passes the error of a pulled posting to the dispatcher, and fails itself, so that it is retried", async () => {
    let error: unknown;
    const posts = [async (operations: readonly Operation[]) => completing(operations)];
    const { posting, stepsOf } = setUpPosting(
      { post: (_, operations) => posts.shift()?.(operations) ?? Promise.reject(new Error("PostgreSQL is away")) },
      {
        async pull({ post }) {
          error = await post([deposit("carol", "1.00")]).catch((one: unknown) => one);
        },
      },
    );
    await expect(posting.post(carrier, input())).rejects.toThrow("PostgreSQL is away");
    expect(String(error)).toContain("PostgreSQL is away");
    expect(stepsOf("onPosted")).toHaveLength(1);
  });

  test("waits for a pulled posting after its timeout in the dispatcher, and publishes its events", async () => {
    const late = Promise.withResolvers<void>();
    const { posting, stepsOf } = setUpPosting(
      {
        async post(_, operations) {
          if (operations.length === 1) await late.promise;
          return completing(operations);
        },
      },
      { pull: async ({ post }) => void post([deposit("carol", "1.00")]) },
    );
    const done = posting.post(carrier, input());
    await drainMicrotasks();
    expect(stepsOf("publishPosted")).toHaveLength(1);
    late.resolve();
    expect((await done).counts.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(stepsOf("publishPosted")).toHaveLength(2);
  });

  test("pulls more only while the events of at most 4,000 entries are being published", async () => {
    const sends: PromiseWithResolvers<boolean>[] = [];
    const states: boolean[] = [];
    async function isReadyNow({ isReady }: PullingCarrier): Promise<boolean> {
      let isReadyYet = false;
      void isReady().then(() => {
        isReadyYet = true;
      });
      await drainMicrotasks();
      return isReadyYet;
    }
    const entries = Array.from({ length: 1_000 }, () => ({ operationId: "one" }) as StoredEntry);
    const { posting } = setUpPosting(
      { post: async (_, operations) => ({ ...completing(operations), entries }) },
      {
        publishPosted() {
          sends.push(Promise.withResolvers<boolean>());
          return sends.at(-1)!.promise;
        },
        async pull(pulling) {
          for (let batch = 0; batch < 4; batch += 1) {
            states.push(await isReadyNow(pulling));
            await pulling.post([deposit("carol", "1.00")]);
          }
          states.push(await isReadyNow(pulling));
          sends[1]!.resolve(false);
          await drainMicrotasks();
          states.push(await isReadyNow(pulling));
          for (const { resolve } of sends) resolve(true);
        },
      },
    );
    await posting.post(carrier, input());
    expect(states).toEqual([true, true, true, true, false, true]);
  });

  test("returns its events as published where all are, without reading the outbox", async () => {
    const { posting, stepsOf } = setUpPosting(
      {},
      { pull: async ({ post }) => void (await post([deposit("carol", "1.00")])) },
    );
    expect(await posting.post(carrier, input())).toMatchObject({ events: "published" });
    expect(stepsOf("readPublication")).toEqual([]);
  });

  test("that ran before reads the outbox rows that its earlier run left", async () => {
    const { posting, stepsOf } = setUpPosting({
      post: async (_, operations) => completing(operations, { stored: [{} as StoredOperation] }),
    });
    expect(await posting.post(carrier, input())).toMatchObject({ events: "waiting" });
    expect(stepsOf("readPublication")).toEqual([["carrier"]]);
  });

  test("reads the outbox where the events of one pulled batch could not be published", async () => {
    const results = [true, false, true];
    const { posting, stepsOf } = setUpPosting(
      {},
      {
        publishPosted: async () => results.shift()!,
        async pull({ post }) {
          for (const userId of ["carol", "dave"]) await post([deposit(userId, "1.00")]);
        },
      },
    );
    expect(await posting.post(carrier, input())).toMatchObject({ events: "waiting" });
    expect(stepsOf("readPublication")).toEqual([["carrier"]]);
  });

  test("does not treat rows as fresh whose posting took 2 s or more", async () => {
    for (const [ms, isFresh] of [
      [1_999, true],
      [2_000, false],
    ] as const) {
      const { posting, stepsOf } = setUpPosting({
        async post(_, operations) {
          jest.advanceTimersByTime(ms);
          return completing(operations);
        },
      });
      await posting.post(carrier, input());
      expect(stepsOf("onPosted")).toMatchObject([[{}, isFresh]]);
    }
  });
});

describe("the summary of a saga", () => {
  test("is read after all of its postings, of its own reservations", async () => {
    const { posting, names, stepsOf } = setUpPosting(
      {},
      { pull: async ({ post }) => void (await post([deposit("carol", "1.00")])) },
    );
    const { saga } = await posting.post({ workflowId: "saga", isSaga: true }, input());
    expect(saga).toMatchObject({ reserved: "1.00", openCount: 0 });
    expect(stepsOf("readSagaReservations")).toEqual([["saga", []]]);
    expect(names().indexOf("readSagaReservations")).toBeGreaterThan(names().lastIndexOf("post"));
  });

  test("is not read for a plain carrier, a release and a sweep", async () => {
    for (const [name, way, run] of POSTING_ACTIVITIES.filter(([one]) => one !== "expire")) {
      const { posting, stepsOf } = setUpPosting(ledgerOf(way));
      expect([name, Object.keys((await run(posting)) as object).includes("saga")]).toEqual([name, false]);
      expect(stepsOf("readSagaReservations")).toEqual([]);
    }
  });
});
