import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { type PartName, type Stack, storeNames } from "../../../scripts/stack/stack.ts";
import { readLedger } from "../audit/stackAudit.ts";
import type { Fleet } from "./fleet.ts";

/** The target of a fault; `which` selects one of two processes. */
export type Stage = { stack: Stack; fleet: Fleet; which: number };

export type Fault = {
  /** Causes the fault, and notes facts for the report. */
  begin(stage: Stage, note: (text: string) => void): Promise<void>;
  /** Reverts the fault. Resolves once everything is up and answers. */
  end(stage: Stage): Promise<void>;
  /** Whether the fault needs two processes of each role. */
  needsMany?: boolean;
  /** Whether the fault is over as soon as it was caused. */
  isMoment?: boolean;
  /** Whether clients send only transfers, without a pause, for a minute. They must keep half of their rate. */
  isMeasured?: boolean;
};

const apiOf = ({ fleet, which }: Stage) => fleet.apis()[which]!;
const workerOf = ({ fleet, which }: Stage) => fleet.workers()[which]!;

/** Kills processes of Saldo with SIGKILL, then starts them again. */
function killed(choose: (stage: Stage) => readonly PartName[], needsMany: boolean): Fault {
  return {
    needsMany,
    begin: async (stage) => void (await Promise.all(choose(stage).map((part) => stage.stack.kill(part)))),
    end: async (stage) => void (await Promise.all(choose(stage).map((part) => stage.stack.start(part)))),
  };
}

function outageOf(part: PartName, how: "stop" | "kill" | "freeze", isMeasured = false): Fault {
  return {
    isMeasured,
    begin: ({ stack }) => stack[how](part),
    end: ({ stack }) => restorePart(stack, part),
  };
}

async function restorePart(stack: Stack, part: PartName): Promise<void> {
  stack.thaw(part);
  await stack.start(part);
}

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

/** Every fault, by its name in the report. */
export const FAULTS = {
  "one API killed": killed((stage) => [apiOf(stage)], true),
  "one worker killed": killed((stage) => [workerOf(stage)], true),
  "an API and a worker killed": killed((stage) => [apiOf(stage), workerOf(stage)], true),
  "both APIs killed": killed(({ fleet }) => fleet.apis(), true),
  "both workers killed": killed(({ fleet }) => fleet.workers(), true),
  "all of Saldo killed": killed(({ fleet }) => fleet.processes(), false),
  "one API frozen": {
    needsMany: true,
    begin: (stage) => stage.stack.freeze(apiOf(stage)),
    end: (stage) => restorePart(stage.stack, apiOf(stage)),
  },
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
      await Promise.all([...storeNames, ...fleet.processes()].map((part) => stack.kill(part)));
    },
    end: ({ fleet }) => fleet.restore(),
  },
  "Kafka frozen under transfers": outageOf("kafka", "freeze", true),
  "Redis frozen under transfers": outageOf("redis", "freeze", true),
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
