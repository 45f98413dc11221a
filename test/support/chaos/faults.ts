import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { CLUSTER_FAULTS } from "./clusterFaults.ts";
import { apiOf, type Fault, frozen, killed, outageOf, restorePart, type Stage, workerOf } from "./fault.ts";

/** Disconnects repeatedly, since clients reconnect at once. */
function cut(disconnect: (stage: Stage) => Promise<void>): Fault {
  const cutting = new Map<Stage, AbortController>();
  return {
    async begin(stage, note) {
      note("all of them, every half a second");
      const over = new AbortController();
      cutting.set(stage, over);
      void (async () => {
        while (!over.signal.aborted) {
          await disconnect(stage).catch(() => {});
          await sleep(500);
        }
      })();
    },
    async end(stage) {
      cutting.get(stage)?.abort();
      cutting.delete(stage);
    },
  };
}

async function cutPostgres(): Promise<void> {
  await readLedger((owner) =>
    owner.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'saldo-%'"),
  );
}

async function askRedis(stack: Stack, ask: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(stack.environment.REDIS_URL!, { lazyConnect: true, commandTimeout: 2_000 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** Attempts to freeze a worker within a transaction. */
const FREEZES = 60;

/**
 * Freezes a worker that holds row locks.
 *
 * Other workers wait for its locks until PostgreSQL ends its transaction by the idle timeout.
 */
const frozenInTransaction: Fault = {
  needsMany: true,
  async begin(stage, note) {
    for (let freeze = 1; freeze <= FREEZES; freeze += 1) {
      await stage.stack.freeze(workerOf(stage));
      await sleep(60);
      if (await isTransactionForgotten()) return note(`at attempt ${freeze}`);
      stage.stack.thaw(workerOf(stage));
      await sleep(5 + freeze);
    }
    await stage.stack.freeze(workerOf(stage));
    note("it was in no transaction");
  },
  end: (stage) => restorePart(stage.stack, workerOf(stage)),
};

async function isTransactionForgotten(): Promise<boolean> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      `select from pg_stat_activity
       where application_name = 'saldo-post' and state = 'idle in transaction'
         and clock_timestamp() - state_change > interval '50 milliseconds'`,
    );
    return rows.length > 0;
  });
}

/** Every fault of a stack that is no cluster, by its name in the report. */
export const SINGLE_FAULTS = {
  "one API killed": killed((stage) => [apiOf(stage)], true),
  "one worker killed": killed((stage) => [workerOf(stage)], true),
  "an API and a worker killed": killed((stage) => [apiOf(stage), workerOf(stage)], true),
  "both APIs killed": killed(({ fleet }) => fleet.apis(), true),
  "both workers killed": killed(({ fleet }) => fleet.workers(), true),
  "all of Saldo killed": killed(({ fleet }) => fleet.processes()),
  "one API frozen": frozen(apiOf, true),
  "a worker frozen in a transaction": frozenInTransaction,
  "Saldo restarted process by process": {
    isMoment: true,
    async begin({ stack, fleet }) {
      for (const part of fleet.processes()) {
        await stack.stop(part);
        await stack.start(part);
      }
    },
    end: async () => {},
  },
  "PostgreSQL stopped": outageOf("postgres", "stop"),
  "PostgreSQL killed": outageOf("postgres", "kill"),
  "PostgreSQL frozen": outageOf("postgres", "freeze"),
  "PostgreSQL's connections cut": cut(cutPostgres),
  "Redis stopped": outageOf("redis", "stop"),
  "Redis killed": outageOf("redis", "kill"),
  "Redis frozen": outageOf("redis", "freeze"),
  "Redis' connections cut": cut(({ stack }) =>
    askRedis(stack, (redis) => redis.client("KILL", "TYPE", "normal", "SKIPME", "yes")),
  ),
  "Redis flushed": {
    isMoment: true,
    begin: ({ stack }) => askRedis(stack, (redis) => redis.flushall()),
    end: async () => {},
  },
  "Kafka stopped": outageOf("kafka", "stop"),
  "Kafka killed": outageOf("kafka", "kill"),
  "Kafka frozen": outageOf("kafka", "freeze"),
  "Temporal stopped": outageOf("temporal", "stop"),
  "Temporal killed": outageOf("temporal", "kill"),
  "Temporal frozen": outageOf("temporal", "freeze"),
  "everything killed": {
    async begin({ stack, fleet }) {
      await Promise.all([...stack.stores, ...fleet.processes()].map((part) => stack.kill(part)));
    },
    end: ({ fleet }) => fleet.restore(),
  },
  "Kafka frozen under transfers": outageOf("kafka", "freeze", true),
  "Redis frozen under transfers": outageOf("redis", "freeze", true),
} as const satisfies Record<string, Fault>;

export const FAULTS = { ...SINGLE_FAULTS, ...CLUSTER_FAULTS };

export type FaultName = keyof typeof FAULTS;
