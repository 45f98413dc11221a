import { expect, test } from "bun:test";
import { createCircuitBreaker } from "../../src/activities/circuitBreaker.ts";
import { createPublishing } from "../../src/activities/publishing.ts";
import type { Posted } from "../../src/ledger/posted.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";

const entryOf = (operationId: string) => ({ operationId }) as StoredEntry;
const away = (store: string) => () => Promise.reject(new Error(`${store} is away`));

type Setting = {
  posted?: Posted;
  noted?: () => Promise<string[]>;
  deleteNote?: () => Promise<void>;
  count?: () => Promise<number>;
  publish?: () => Promise<void>;
};

/** A publishing of what was just posted, or of what the ledger has noted; `log` is what it did about them. */
function setUp({
  posted,
  noted = async () => ["operation"],
  deleteNote = async () => {},
  count = async () => 1,
  publish = async () => {},
}: Setting) {
  const log: [what: string, operationIds: string[]][] = [];
  const { tryPublishEvents } = createPublishing(
    {
      readUnpublished: noted,
      async deleteUnpublished(_, operationIds) {
        await deleteNote();
        log.push(["note taken back", operationIds]);
      },
      countUnpublished: count,
      findUnpublished: async () => [],
      readEntries: async (operationIds) => operationIds.map(entryOf),
    },
    {
      async publish(entries) {
        await publish();
        log.push(["published", entries.map(({ operationId }) => operationId)]);
      },
    },
    { find: () => posted },
    createCircuitBreaker("Kafka", 100),
  );
  return { tryPublishEvents, log };
}

test("what was just posted here is published as it is remembered, anything else as the ledger has noted it, and then its note is taken back", async () => {
  const entries = ["one", "one", "two"].map(entryOf);
  const [remembered, forgotten] = [setUp({ posted: { operations: [], entries, balances: [] } }), setUp({})];
  expect(await remembered.tryPublishEvents("carrier", ["one", "two"])).toBe("published");
  expect(remembered.log).toEqual([
    ["published", ["one", "one", "two"]],
    ["note taken back", ["one", "two"]],
  ]);
  expect(await forgotten.tryPublishEvents("carrier", ["operation"])).toBe("published");
  expect(forgotten.log).toEqual([
    ["published", ["operation"]],
    ["note taken back", ["operation"]],
  ]);
});

test("what has no entries, or no note any more, is published, and nothing is sent", async () => {
  for (const setting of [{ posted: { operations: [], entries: [], balances: [] } }, { noted: async () => [] }]) {
    const { tryPublishEvents, log } = setUp(setting);
    expect(await tryPublishEvents("carrier", ["operation"])).toBe("published");
    expect(log).toEqual([]);
  }
});

test.each([
  ["waiting", 1],
  ["waiting", 100],
  ["queued", 101],
] as const)("events that Kafka does not take are %s where %d carriers wait, and stay noted", async (word, carriers) => {
  const { tryPublishEvents, log } = setUp({ publish: away("Kafka"), count: async () => carriers });
  expect(await tryPublishEvents("carrier", ["operation"])).toBe(word);
  expect(log).toEqual([]);
});

test("events that Kafka does not answer about within their chance wait", async () => {
  const { tryPublishEvents } = setUp({ publish: () => new Promise(() => {}) });
  expect(await tryPublishEvents("carrier", ["operation"])).toBe("waiting");
});

test.each<[string, Setting]>([
  ["read", { noted: away("PostgreSQL") }],
  ["taken back", { deleteNote: away("PostgreSQL") }],
])("events whose note cannot be %s wait", async (_, setting) => {
  expect(await setUp(setting).tryPublishEvents("carrier", ["operation"])).toBe("waiting");
});

test.each<[string, Setting]>([
  ["Kafka", { publish: away("Kafka"), count: away("PostgreSQL") }],
  ["PostgreSQL", { noted: away("PostgreSQL"), count: away("PostgreSQL") }],
])(
  "with %s away, and a ledger that cannot even say how many carriers wait, events wait, and nothing fails",
  async (_, setting) => {
    expect(await setUp(setting).tryPublishEvents("carrier", ["operation"])).toBe("waiting");
  },
);
