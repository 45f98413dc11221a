import { expect, jest, test } from "bun:test";
import { createPosting, type Posting } from "../../src/activities/posting.ts";
import type { Publication } from "../../src/activities/publishing.ts";
import type { Operation, Outcome } from "../../src/ledger/operations.ts";
import type { SagaConcerned } from "../../src/ledger/records.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/operations.ts";
import { extension, recognition, refund, release, reservation, uniqueOrder } from "../support/reservationOperations.ts";
import { settle } from "../support/settle.ts";

const reservationId = crypto.randomUUID();

const completed = (operationId: string): Outcome => ({ operationId, status: "completed" });
const declined = (operationId: string): Outcome => ({ operationId, status: "declined", code: "reservation_settled" });

/** Some of each word, in an order. */
const mixed: Outcome[] = [
  declined("one"),
  completed("two"),
  { operationId: "three", status: "mismatched", differingFields: ["amount"] },
  completed("four"),
];

type Setting = {
  outcomes?: Outcome[];
  overdue?: string[];
  findSagas?: () => Promise<SagaConcerned[]>;
  commit?: () => Promise<void>;
  publish?: () => Promise<Publication>;
};

/** A posting on a ledger that answers with these outcomes; `told` is what was done about them, in the order in which it began. */
function setUp({
  outcomes = [completed("two")],
  overdue = [reservationId],
  findSagas = async () => [],
  commit = async () => {},
  publish = async () => "published",
}: Setting) {
  const told: [what: string, ...about: unknown[]][] = [];
  const troubles: unknown[] = [];
  const posting = createPosting(
    {
      post: async () => outcomes,
      expire: async () => ({ outcomes, reservations: [], clock: new Date() }),
      findOverdue: async () => overdue,
      findSagasConcerned(...about) {
        told.push(["sagas", ...about]);
        return findSagas();
      },
    },
    {
      onCommitted(...about) {
        told.push(["committed", ...about]);
        return commit();
      },
      tryPublishEvents(...about) {
        told.push(["events", ...about]);
        return publish();
      },
      onTrouble: (error) => troubles.push(error),
    },
  );
  return { posting, told, troubles, toldOf: (wanted: string) => told.filter(([what]) => what === wanted) };
}

const WAYS = [
  ["post", ({ post }) => post("carrier", [recognition({ reservationId })])],
  ["expire", ({ expire }) => expire("carrier", [reservationId], [])],
  ["releaseByOperator", ({ releaseByOperator }) => releaseByOperator("carrier", reservationId)],
  ["expireOverdue", ({ expireOverdue }) => expireOverdue("carrier")],
] as const satisfies [keyof Posting, (posting: Posting) => ReturnType<Posting["post"]>][];

test.each(WAYS)(
  "%s tries the events of what has completed, once, and returns their word beside all outcomes, in order",
  async (_, run) => {
    for (const word of ["published", "waiting", "queued"] as const) {
      const { posting, toldOf } = setUp({ outcomes: mixed, publish: async () => word });
      expect(await run(posting)).toMatchObject({ outcomes: mixed, events: word });
      expect(toldOf("events")).toEqual([["events", "carrier", ["two", "four"]]]);
      expect(toldOf("committed")).toEqual([["committed", "carrier", mixed]]);
    }
  },
);

test.each(WAYS)(
  "where nothing has completed, %s tries no events, looks for no sagas, and leaves nothing",
  async (_, run) => {
    for (const outcomes of [[], [declined("one")]]) {
      const { posting, told } = setUp({ outcomes, publish: async () => "waiting" });
      expect(await run(posting)).toMatchObject({ outcomes, events: "published", sagas: [] });
      expect(told).toEqual([["committed", "carrier", outcomes]]);
    }
  },
);

test("where nothing is overdue, expireOverdue asks the ledger to expire nothing", async () => {
  const { posting } = setUp({ outcomes: mixed, overdue: [] });
  expect(await posting.expireOverdue("sweep")).toEqual({ outcomes: [], events: "published", sagas: [] });
});

test.each(WAYS)(
  "%s lets the next carrier start before it waits for the events, and ends once both have had their chance",
  async (_, run) => {
    const [cache, kafka] = [Promise.withResolvers<void>(), Promise.withResolvers<Publication>()];
    const { posting, told } = setUp({ commit: () => cache.promise, publish: () => kafka.promise });
    let isOver = false;
    const carried = run(posting).finally(() => {
      isOver = true;
    });
    await Bun.sleep(0);
    expect(told.map(([what]) => what).slice(0, 2)).toEqual(["committed", "events"]);
    kafka.resolve("waiting");
    await Bun.sleep(0);
    expect(isOver).toBe(false);
    cache.resolve();
    expect((await carried).events).toBe("waiting");
  },
);

test.each(WAYS)("%s does not end before it knows what became of the events", async (_, run) => {
  const kafka = Promise.withResolvers<Publication>();
  const { posting } = setUp({ publish: () => kafka.promise });
  const carried = run(posting);
  expect(await Promise.race([carried, Bun.sleep(20)])).toBeUndefined();
  kafka.resolve("queued");
  expect((await carried).events).toBe("queued");
});

const CHANGING: [string, Operation][] = [
  ["recognition", recognition({ reservationId })],
  ["release", release({ reservationId })],
  ["extension", extension(reservationId, 60)],
];

test.each(CHANGING)(
  "where a change by %s is among what was posted, the sagas are looked for that all that completed concerns",
  async (_, one) => {
    const sagas = [{ sagaWorkflowId: "saga", operationIds: ["four"] }];
    const { posting, toldOf } = setUp({ outcomes: mixed, findSagas: async () => sagas });
    expect((await posting.post("carrier", [deposit(uniqueUserId(), "1.00"), one])).sagas).toEqual(sagas);
    expect(toldOf("sagas")).toEqual([["sagas", "carrier", ["two", "four"]]]);
  },
);

test("no sagas are looked for where what was posted changes no reservation of others", async () => {
  const { posting, toldOf } = setUp({ outcomes: mixed });
  const operations = [
    deposit(uniqueUserId(), "1.00"),
    withdrawal(uniqueUserId(), "1.00"),
    transfer(uniqueUserId(), uniqueUserId(), "1.00"),
    reservation(uniqueOrder(), "1.00"),
    refund(crypto.randomUUID()),
    operation({ kind: "expiry", request: { reservationId } }),
  ];
  expect((await posting.post("carrier", operations)).sagas).toEqual([]);
  expect(toldOf("sagas")).toEqual([]);
});

test("a saga that expires or releases what it watches over looks for no sagas, a sweep always does", async () => {
  const sagas = [{ sagaWorkflowId: "saga", operationIds: ["two"] }];
  const { posting, toldOf } = setUp({ outcomes: mixed, findSagas: async () => sagas });
  expect((await posting.expire("saga", [reservationId], [])).sagas).toEqual([]);
  expect((await posting.releaseByOperator("saga", reservationId)).sagas).toEqual([]);
  expect(toldOf("sagas")).toEqual([]);
  expect((await posting.expireOverdue("sweep")).sagas).toEqual(sagas);
  expect(toldOf("sagas")).toEqual([["sagas", "sweep", ["two", "four"]]]);
});

test("a look for sagas that fails is told of once, and fails nothing: what was posted is, and its events are tried", async () => {
  const away = new Error("PostgreSQL is away");
  const { posting, toldOf, troubles } = setUp({
    findSagas: () => Promise.reject(away),
    publish: async () => "waiting",
  });
  expect(await posting.post("carrier", [release({ reservationId })])).toEqual({
    outcomes: [completed("two")],
    events: "waiting",
    sagas: [],
  });
  expect(toldOf("events")).toHaveLength(1);
  expect(toldOf("sagas")).toHaveLength(1);
  expect(troubles).toEqual([away]);
});

test("what is still not known of events and sagas after two seconds is given up: the events wait, and the posting is not run again", async () => {
  jest.useFakeTimers();
  try {
    const never = () => new Promise<never>(() => {});
    const { posting, troubles } = setUp({ findSagas: never, publish: never });
    const posted = posting.post("carrier", [release({ reservationId })]);
    await settle();
    jest.advanceTimersByTime(2_000);
    expect(await posted).toEqual({ outcomes: [completed("two")], events: "waiting", sagas: [] });
    expect(troubles).toHaveLength(1);
  } finally {
    jest.useRealTimers();
  }
});

test("what the ledger fails at is followed by nothing", async () => {
  const told: string[] = [];
  const away = () => Promise.reject(new Error("PostgreSQL is away"));
  const tell = (what: string) => async () => {
    told.push(what);
    return "published" as const;
  };
  const posting = createPosting(
    { post: away, expire: away, findOverdue: async () => [reservationId], findSagasConcerned: away },
    {
      onCommitted: async () => void told.push("committed"),
      tryPublishEvents: tell("events"),
      onTrouble: tell("trouble"),
    },
  );
  for (const [, run] of WAYS) await expect(run(posting)).rejects.toThrow("PostgreSQL is away");
  expect(told).toEqual([]);
});
