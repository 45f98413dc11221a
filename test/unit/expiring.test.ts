import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { completing, due, expiries, once, reservationId, setUpPosting } from "../support/activities/posting.ts";
import { drainMicrotasks } from "../support/waiting.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("the expiry of a saga", () => {
  const dueOnes = (count: number, overdueMs = 0) =>
    Array.from({ length: count }, (_, index) => ({ reservationId: `r${index}`, userId: "alice", overdueMs }));

  test("runs in pieces of 500 until nothing is due", async () => {
    const pieces = [dueOnes(500), dueOnes(500), dueOnes(7)];
    const { posting, stepsOf } = setUpPosting({ findDue: async () => pieces.shift() ?? [] });
    const { counts, saga } = await posting.expire("saga");
    expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 1_007 }]);
    expect(saga).toMatchObject({ openCount: 0 });
    expect(stepsOf("findDue")).toEqual(Array(4).fill(["saga", [], 500]));
    expect(stepsOf("expire").map(([workflowId, list]) => [workflowId, (list as []).length])).toEqual([
      ["saga", 500],
      ["saga", 500],
      ["saga", 7],
    ]);
  });

  test("does not call the ledger's expire where nothing is due", async () => {
    const { posting, names } = setUpPosting();
    expect(await posting.expire("saga")).toMatchObject({ counts: [], saga: { openCount: 0 } });
    expect(names()).not.toContain("expire");
  });

  test("stops after 20 pieces, even if more is due", async () => {
    const { posting, stepsOf } = setUpPosting({ findDue: async () => dueOnes(500) });
    await posting.expire("saga");
    expect(stepsOf("expire")).toHaveLength(20);
  });

  test("skips reservations that the ledger refuses, and passes them to its summary", async () => {
    const pieces = [dueOnes(3), dueOnes(2)];
    const refusals = [["r0"], ["r1"]];
    const { posting, stepsOf } = setUpPosting({
      findDue: async () => pieces.shift() ?? [],
      expire: async () => ({ posted: expiries(1), refusedIds: refusals.shift()! }),
    });
    await posting.expire("saga");
    const excepted = stepsOf("findDue").map(([, exceptIds]) => exceptIds);
    // The list grows from piece to piece, and in the end contains both.
    expect(excepted.at(-1)).toEqual(["r0", "r1"]);
    expect(stepsOf("readSagaReservations")).toEqual([["saga", ["r0", "r1"]]]);
  });

  test("always reads the state of its events, since an earlier run may have left some", async () => {
    const { posting, stepsOf } = setUpPosting();
    expect(await posting.expire("saga")).toMatchObject({ events: "waiting" });
    expect(stepsOf("readPublication")).toEqual([["saga"]]);
  });

  describe("in a burst", () => {
    test("expires other sagas' reservations that are more than a second late, where its own is", async () => {
      const late = [dueOnes(500, 5_000), dueOnes(3, 5_000)];
      const { posting, stepsOf } = setUpPosting({
        findDue: once(dueOnes(1, 1_001)),
        findOverdue: async () => late.shift() ?? [],
      });
      const { counts } = await posting.expire("saga");
      expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 504 }]);
      expect(stepsOf("findOverdue")).toEqual(Array(3).fill([1, [], 500]));
      expect(stepsOf("readSagaReservations")).toEqual([["saga", []]]);
    });

    test("expires late reservations of other sagas where another saga has expired its own", async () => {
      const { posting } = setUpPosting({ findOverdue: once(dueOnes(41, 1_200)) });
      const { counts } = await posting.expire("saga");
      expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 41 }]);
    });

    test("does not look for others where its own is in time", async () => {
      const { posting, names } = setUpPosting({ findDue: once(dueOnes(1, 1_000)) });
      await posting.expire("saga");
      expect(names()).not.toContain("findOverdue");
    });

    test("skips refused reservations of other sagas and leaves them out of its summary", async () => {
      const late = [dueOnes(2, 5_000)];
      const refusals = [[], ["of another"]];
      const { posting, stepsOf } = setUpPosting({
        findDue: once(dueOnes(1, 1_001)),
        findOverdue: async () => late.shift() ?? [],
        expire: async () => ({ posted: expiries(1), refusedIds: refusals.shift()! }),
      });
      await posting.expire("saga");
      expect(stepsOf("findOverdue").at(-1)).toEqual([1, ["of another"], 500]);
      expect(stepsOf("readSagaReservations")).toEqual([["saga", []]]);
    });

    test("runs for one saga of a process at a time, and for the next one after it, even after a failure", async () => {
      const gate = Promise.withResolvers<never>();
      const finds = [() => gate.promise, async () => []];
      const perSaga = new Map(["first", "second", "third"].map((saga) => [saga, once(dueOnes(1, 2_000))]));
      const { posting, stepsOf } = setUpPosting({
        findDue: (sagaWorkflowId) => perSaga.get(sagaWorkflowId)!(),
        findOverdue: () => finds.shift()!(),
      });
      const first = posting.expire("first");
      await drainMicrotasks();
      await posting.expire("second");
      expect(stepsOf("findOverdue")).toHaveLength(1);
      gate.reject(new Error("PostgreSQL is away"));
      await expect(first).rejects.toThrow("PostgreSQL is away");
      jest.advanceTimersByTime(1_000);
      await posting.expire("third");
      expect(stepsOf("findOverdue")).toHaveLength(2);
    });

    test("looks for others once a second, even if many sagas find nothing of their own", async () => {
      const { posting, stepsOf } = setUpPosting();
      for (let saga = 0; saga < 5; saga += 1) await posting.expire(`saga-${saga}`);
      expect(stepsOf("findOverdue")).toHaveLength(1);
      jest.advanceTimersByTime(1_000);
      await posting.expire("saga-5");
      expect(stepsOf("findOverdue")).toHaveLength(2);
    });
  });
});

describe("a release by an operator", () => {
  test("posts the rest of the saga's own reservation once, with an id derived from it", async () => {
    const { posting, stepsOf } = setUpPosting({ findReservations: async () => [{ sagaWorkflowId: "saga" }] });
    const released = await posting.releaseByOperator("saga", { reservationId });
    expect(released?.counts).toEqual([{ kind: "release", outcome: "completed", count: 1 }]);
    expect(stepsOf("post")).toMatchObject([
      [
        "saga",
        [
          {
            operationId: deriveOwnOperationId("release", reservationId),
            ...{ kind: "release", request: { reservationId }, caller: null, idempotencyKey: null },
          },
        ],
        undefined,
      ],
    ]);
  });

  test("that was stored before reads the outbox rows that its earlier run left", async () => {
    const { posting } = setUpPosting({
      findReservations: async () => [{ sagaWorkflowId: "saga" }],
      post: async (_, operations) => completing(operations, { stored: [{} as StoredOperation] }),
    });
    expect(await posting.releaseByOperator("saga", { reservationId })).toMatchObject({ events: "waiting" });
  });

  test.each([
    ["of another saga", [{ sagaWorkflowId: "another" }]],
    ["that is unknown", []],
  ])("posts nothing for a reservation %s", async (_, found) => {
    const { posting, names } = setUpPosting({ findReservations: async () => found });
    expect(await posting.releaseByOperator("saga", { reservationId })).toBeUndefined();
    expect(names()).toEqual(["findReservations"]);
  });

  test.each(["", "all", "a reservation without an id", `${reservationId} `, `${reservationId}0`, "'; drop table x"])(
    "does not call the ledger for %p, which is not an id",
    async (id) => {
      const { posting, names } = setUpPosting();
      expect(await posting.releaseByOperator("saga", { reservationId: id })).toBeUndefined();
      expect(names()).toEqual([]);
    },
  );

  test("stores name and reason without control characters, and takes a bare id of release 0.2.0", async () => {
    const { posting, stepsOf } = setUpPosting({ findReservations: async () => [{ sagaWorkflowId: "saga" }] });
    await posting.releaseByOperator("saga", { reservationId, by: " olga\n", reason: "a\u0000b" });
    await posting.releaseByOperator("saga", { reservationId, by: "\t" });
    await posting.releaseByOperator("saga", reservationId as never);
    const origins = (stepsOf("post") as [string, Operation[]][]).map(([, [one]]) => [one!.by, one!.reason]);
    expect(origins).toEqual([
      ["olga", "a b"],
      ["operator", undefined],
      ["operator", undefined],
    ]);
  });

  test("is the same whether its id is written in upper or in lower case", async () => {
    const { posting, stepsOf } = setUpPosting({ findReservations: async () => [{ sagaWorkflowId: "saga" }] });
    for (const id of [reservationId, reservationId.toUpperCase()])
      await posting.releaseByOperator("saga", { reservationId: id });
    const posted = (stepsOf("post") as [string, Operation[]][]).map(([, [release]]) => [
      release!.operationId,
      release!.request,
    ]);
    expect(posted[1]).toEqual(posted[0]!);
  });
});

describe("a sweep", () => {
  test("expires in pieces all reservations five seconds late, of any saga, and skips refused ones", async () => {
    const overdue = Array.from({ length: 3 }, () => ({ ...due, overdueMs: 6_000 }));
    const behind = [{ ...due, reservationId: "behind", overdueMs: 5_500 }];
    const pieces = [overdue, behind];
    const { posting, stepsOf } = setUpPosting({
      findOverdue: async () => pieces.shift() ?? [],
      expire: async (_, list) => ({ posted: expiries(list.length), refusedIds: list === overdue ? ["refused"] : [] }),
    });
    expect((await posting.expireOverdue("sweep")).counts).toEqual([{ kind: "expiry", outcome: "completed", count: 4 }]);
    expect(stepsOf("findOverdue").map(([seconds, , limit]) => [seconds, limit])).toEqual(Array(3).fill([5, 500]));
    expect(stepsOf("findOverdue").at(-1)![1]).toEqual(["refused"]);
    expect(stepsOf("expire")).toEqual([
      ["sweep", overdue, { by: "sweep" }],
      ["sweep", behind, { by: "sweep" }],
    ]);
  });

  test("that finds nothing does not call the ledger's expire", async () => {
    const { posting, names } = setUpPosting();
    expect(await posting.expireOverdue("sweep")).toMatchObject({ counts: [], events: "published" });
    expect(names()).toEqual(["findOverdue"]);
  });
});
