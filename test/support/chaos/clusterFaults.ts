import { Kafka, logLevel } from "kafkajs";
import type { PartName, Stack } from "../../../scripts/stack/stack.ts";
import { EVENTS_TOPIC } from "../../../src/kafka/events.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { eventually } from "../waiting.ts";
import { apiOf, type Fault, frozen, killed, type Note, outageOf, type Stage } from "./fault.ts";

const BROKERS = ["kafka", "kafka-2", "kafka-3"] as const satisfies readonly PartName[];

/** Longer than an election of leaders, and than the backoff of waiting carriers. */
const PUBLISHED_WITHIN_MS = 60_000;
/** Enough to have events in each partition, and so at each leader. */
const AWAITED_OPERATIONS = 40;

/** Promotes the standby. The former primary becomes its standby, without which no commit is confirmed. */
async function failOver(stack: Stack, note: Note): Promise<void> {
  const [primary, standby] = [stack.primary(), stack.standby()];
  const beganMs = performance.now();
  await stack.promote(standby);
  note(`promoted in ${secondsSince(beganMs)}`);
  await stack.start(primary);
  note(`a new standby after ${secondsSince(beganMs)}`);
}

/** The brokers, that with a leader of the topic first. */
async function brokersByLeadership({ stack, which }: Stage): Promise<PartName[]> {
  const kafka = new Kafka({ brokers: stack.environment.KAFKA_BROKERS!.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [EVENTS_TOPIC] });
    const { leader } = topics[0]!.partitions.find(({ partitionId }) => partitionId === which)!;
    const leading = BROKERS[leader - 1]!;
    return [leading, ...BROKERS.filter((broker) => broker !== leading)];
  } finally {
    await admin.disconnect();
  }
}

/** Waits until the events of some operations that complete from now on are in Kafka. */
async function awaitEvents(): Promise<void> {
  await readLedger(async (owner) => {
    const readClock = async () =>
      (await owner.query("select clock_timestamp()::text as clock")).rows[0].clock as string;
    const count = async (query: string, clock: string) => (await owner.query(query, [clock])).rowCount ?? 0;
    const began = await readClock();
    const completed = "select from operations where completed_at > $1 and version is not null";
    await eventually(async () => (await count(completed, began)) >= AWAITED_OPERATIONS, PUBLISHED_WITHIN_MS);
    const ended = await readClock();
    const waiting = "select from outbox where created_at <= $1";
    await eventually(async () => (await count(waiting, ended)) === 0, PUBLISHED_WITHIN_MS);
  });
}

/** Kills a leader, after which events go on. With `thenSecond` it kills another broker too, and they wait. */
function brokersKilled(thenSecond: boolean): Fault {
  let down: PartName[] = [];
  return {
    mustAnswer: true,
    async begin(stage, note) {
      const [leader, second] = (await brokersByLeadership(stage)) as [PartName, PartName];
      down = [leader];
      const beganMs = performance.now();
      await stage.stack.kill(leader);
      await awaitEvents();
      note(`events went on after ${secondsSince(beganMs)}`);
      if (!thenSecond) return;
      down.push(second);
      await stage.stack.kill(second);
    },
    async end({ stack }, note) {
      await Promise.all(down.map((broker) => stack.start(broker)));
      if (!thenSecond) return;
      const backMs = performance.now();
      await awaitEvents();
      note(`events were published ${secondsSince(backMs)} after the return`);
    },
  };
}

function secondsSince(beganMs: number): string {
  return `${((performance.now() - beganMs) / 1_000).toFixed(1)} s`;
}

/** Further faults of a cluster, by their names in the report. */
export const CLUSTER_FAULTS = {
  "one process killed": killed((stage) => [apiOf(stage)]),
  "one process frozen": frozen(apiOf),
  "PostgreSQL's primary killed, its standby promoted": {
    begin: ({ stack }) => stack.kill(stack.primary()),
    end: ({ stack }, note) => failOver(stack, note),
  },
  "PostgreSQL's primary frozen, then fenced": {
    begin: ({ stack }) => stack.freeze(stack.primary()),
    async end({ stack }, note) {
      // A primary that lives on would still serve reads. It must be gone before the standby is promoted.
      await stack.kill(stack.primary());
      await failOver(stack, note);
    },
  },
  "PostgreSQL switched over": {
    isMoment: true,
    async begin({ stack }, note) {
      await stack.stop(stack.primary());
      await failOver(stack, note);
    },
    end: async () => {},
  },
  "PostgreSQL's standby killed": killed(({ stack }) => [stack.standby()]),
  "PostgreSQL's standby frozen": frozen(({ stack }) => stack.standby()),
  "a Kafka leader killed": brokersKilled(false),
  "a Kafka leader killed, then a second broker": brokersKilled(true),
  "a Kafka leader frozen": {
    mustAnswer: true,
    begin: async (stage) => stage.stack.freeze((await brokersByLeadership(stage))[0]!),
    async end({ stack }) {
      for (const broker of BROKERS) stack.thaw(broker);
      await Promise.all(BROKERS.map((broker) => stack.start(broker)));
    },
  },
  "Kafka restarted broker by broker": {
    isMoment: true,
    mustAnswer: true,
    async begin({ stack }) {
      for (const broker of BROKERS) {
        await stack.stop(broker);
        await stack.start(broker);
      }
    },
    end: async () => {},
  },
  "Redis replaced by an empty one": { ...outageOf("redis", "kill"), mustAnswer: true },
  "Temporal restarted": outageOf("temporal", "stop"),
} as const satisfies Record<string, Fault>;
