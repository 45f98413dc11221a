import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { postingOf, type Row, row, setUpPublishing, unavailable } from "../support/activities/publishing.ts";
import { drainMicrotasks } from "../support/waiting.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("once Kafka is back", () => {
  async function failAndRecover(rows: Row[]) {
    const publishing = setUpPublishing(rows);
    publishing.kafka.publish = unavailable("Kafka");
    await publishing.publishPosted(postingOf("lost"));
    jest.advanceTimersByTime(5_000);
    publishing.kafka.publish = async () => {};
    return publishing;
  }

  test("one drain publishes everything left in the outbox, in large pieces", async () => {
    const old = Array.from({ length: 2_500 }, (_, index) => row(`${index}`));
    const { publishPosted, publications, drains, rows } = await failAndRecover([...old, row("lost")]);
    expect(await publishPosted(postingOf("first after it"))).toBe(true);
    for (let turn = 0; turn < 10; turn += 1) await drainMicrotasks();
    expect(publications.map((operationIds) => operationIds.length)).toEqual([1, 1_000, 1_000, 501]);
    expect(rows).toEqual([]);
    expect(drains.every(({ operationsMax }) => operationsMax === 1_000)).toBe(true);
  });

  test("only one drain runs, however many publications succeed", async () => {
    const { publishPosted, publications } = await failAndRecover([row("old")]);
    await Promise.all(["a", "b", "c"].map((id) => publishPosted(postingOf(id))));
    await drainMicrotasks();
    expect(publications.flat().filter((id) => id === "old")).toHaveLength(1);
  });

  test("a row whose publication failed in this process is drained like any other", async () => {
    const { publishPosted, publications } = await failAndRecover([row("lost")]);
    await publishPosted(postingOf("first after it"));
    await drainMicrotasks();
    expect(publications).toEqual([["first after it"], ["lost"]]);
  });

  test("a publication that succeeds without a previous failure drains nothing", async () => {
    const { publishPosted, drains } = setUpPublishing([row("old")]);
    await publishPosted(postingOf("one"));
    await drainMicrotasks();
    expect(drains).toEqual([]);
  });
});

describe("a drain", () => {
  test("skips rows of postings that this process is publishing", async () => {
    const send = Promise.withResolvers<void>();
    const { publishPosted, sweepOutbox, publications, kafka } = setUpPublishing([row("new"), row("old")]);
    kafka.publish = async (operationIds) => {
      if (operationIds.includes("new")) await send.promise;
    };
    const published = publishPosted(postingOf("new"));
    await drainMicrotasks();
    expect(await sweepOutbox()).toBe(1);
    expect(publications).toEqual([["old"]]);
    send.resolve();
    expect(await published).toBe(true);
    expect(publications).toEqual([["old"], ["new"]]);
  });

  test("skips a row whose events cannot be published, and publishes all others", async () => {
    const { sweepOutbox, publications, kafka, rows } = setUpPublishing(["one", "poison", "three"].map((id) => row(id)));
    kafka.publish = async (operationIds) => {
      if (operationIds.includes("poison")) throw new Error("The message is too large");
    };
    expect(await sweepOutbox()).toBe(2);
    expect(publications).toEqual([["one"], ["three"]]);
    expect(rows.map(({ id }) => id)).toEqual(["poison"]);
  });

  test("stops after three rows that fail, since Kafka is unavailable then", async () => {
    const { sweepOutbox, kafka, rows } = setUpPublishing(Array.from({ length: 9 }, (_, index) => row(`${index}`)));
    let attempts = 0;
    kafka.publish = () => {
      attempts += 1;
      return unavailable("Kafka")();
    };
    await expect(sweepOutbox()).rejects.toThrow("Kafka is away");
    expect(attempts).toBe(4);
    expect(rows).toHaveLength(9);
  });

  test("stops a piece that Kafka does not acknowledge within 2.5 s, and continues with a single row", async () => {
    const { sweepOutbox, publications, kafka } = setUpPublishing([row("one"), row("two")]);
    const sends = [() => new Promise<void>(() => {})];
    kafka.publish = async () => sends.shift()?.();
    const swept = sweepOutbox();
    await drainMicrotasks();
    jest.advanceTimersByTime(2_499);
    await drainMicrotasks();
    expect(publications).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(await swept).toBe(2);
    expect(publications).toEqual([["one"], ["two"]]);
  });

  test("takes larger pieces again with each success after a failure", async () => {
    const { sweepOutbox, publications, kafka } = setUpPublishing(
      Array.from({ length: 3_000 }, (_, index) => row(`${index}`)),
    );
    const sends = [unavailable("Kafka")];
    kafka.publish = async () => sends.shift()?.();
    expect(await sweepOutbox()).toBe(3_000);
    expect(publications.map((operationIds) => operationIds.length)).toEqual([1, 10, 100, 1_000, 1_000, 889]);
  });

  test("begins no further piece after 20 s", async () => {
    const { sweepOutbox, publications, kafka } = setUpPublishing(
      Array.from({ length: 5_000 }, (_, index) => row(`${index}`)),
    );
    kafka.publish = async () => {
      jest.advanceTimersByTime(2_400);
    };
    let swept = 0;
    void sweepOutbox().then((count) => {
      swept = count;
    });
    for (let turn = 0; turn < 20; turn += 1) await drainMicrotasks();
    expect(swept).toBe(5_000);
    expect(publications).toHaveLength(5);
    const slow = setUpPublishing(Array.from({ length: 20_000 }, (_, index) => row(`${index}`)));
    slow.kafka.publish = async () => {
      jest.advanceTimersByTime(2_400);
    };
    expect(await slow.sweepOutbox()).toBe(9_000);
  });

  test("fails where the ledger is unavailable", async () => {
    await expect(setUpPublishing([], { drainOutbox: unavailable("PostgreSQL") }).sweepOutbox()).rejects.toThrow(
      "PostgreSQL is away",
    );
  });

  test("by a sweep takes all rows older than 30 s, of any carrier", async () => {
    const { sweepOutbox, publications } = setUpPublishing([row("old", 30), row("young", 29)]);
    expect(await sweepOutbox()).toBe(1);
    expect(publications).toEqual([["old"]]);
  });
});

describe("a carrier that waits for its events", () => {
  test("drains rows older than a second, and its own rows of any age", async () => {
    const rows = [row("old", 1), row("young", 0), row("own", 0, "carrier"), row("own old", 2, "carrier")];
    const { publishEvents, publications } = setUpPublishing(rows);
    await publishEvents("carrier");
    expect(publications).toEqual([["old", "own old"], ["own"]]);
    expect(rows.map(({ id }) => id)).toEqual(["young"]);
  });

  test("fails as long as any of its own rows remain, so that it is retried", async () => {
    const { publishEvents, kafka, rows } = setUpPublishing([row("poison", 0, "carrier"), row("own", 0, "carrier")]);
    kafka.publish = async (operationIds) => {
      if (operationIds.includes("poison")) throw new Error("The message is too large");
    };
    await expect(publishEvents("carrier")).rejects.toThrow("The message is too large");
    expect(rows.map(({ id }) => id)).toEqual(["poison"]);
  });

  test("succeeds where only rows of others cannot be published", async () => {
    const { publishEvents, kafka } = setUpPublishing([row("poison"), row("own", 0, "carrier")]);
    kafka.publish = async (operationIds) => {
      if (operationIds.includes("poison")) throw new Error("The message is too large");
    };
    await publishEvents("carrier");
  });

  test("shares a running drain", async () => {
    const gate = Promise.withResolvers<void>();
    const { publishEvents, drains, kafka } = setUpPublishing([row("a", 9, "carrier-a"), row("b", 9, "carrier-b")]);
    kafka.publish = () => gate.promise;
    const both = ["carrier-a", "carrier-b"].map((id) => publishEvents(id));
    await drainMicrotasks();
    expect(drains).toHaveLength(1);
    gate.resolve();
    await Promise.all(both);
    expect(drains).toHaveLength(2);
  });

  test("fails where the ledger is unavailable", async () => {
    const { publishEvents } = setUpPublishing([], { countOutbox: unavailable("PostgreSQL") });
    await expect(publishEvents("carrier")).rejects.toThrow("PostgreSQL is away");
  });
});

describe("the state of a carrier's events", () => {
  test("is published where the outbox has no row of its own", async () => {
    expect(await setUpPublishing([row("of another")]).readPublication("carrier")).toEqual({ events: "published" });
  });

  test.each([
    ["waiting", 1],
    ["waiting", 100],
    ["queued", 101],
    ["queued", 500],
  ] as const)("is %s where %d carriers wait", async (publication, carriers) => {
    const rows = Array.from({ length: carriers }, (_, index) =>
      row(`${index}`, 9, index === 0 ? "carrier" : `${index}`),
    );
    expect(await setUpPublishing(rows).readPublication("carrier")).toEqual({ events: publication, eventsWaiting: 1 });
  });

  test("is waiting where the ledger does not answer", async () => {
    const { readPublication } = setUpPublishing([], { countOutbox: unavailable("PostgreSQL") });
    expect(await readPublication("carrier")).toEqual({ events: "waiting" });
  });
});
