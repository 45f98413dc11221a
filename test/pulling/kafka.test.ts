import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { readEvents } from "../support/kafka/events.ts";
import { scrape } from "../support/metrics/scrape.ts";
import { startCallers } from "../support/pulling/callers.ts";
import { countOutbox, findLost, usersOf } from "../support/pulling/recovery.ts";
import { eventIdsOf } from "../support/saga/steps.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// A frozen Kafka under load, without the sweep. The long run: KAFKA_FROZEN_SECONDS=60.

const FROZEN_SECONDS = Number(process.env.KAFKA_FROZEN_SECONDS ?? 5);
const CALLERS = 16;
/** Above the usual variation of a process of this size. Events that pile up would take more. */
const GROWTH_BYTES_MAX = 256 * 1024 * 1024;
const DRAINED_WITHIN_MS = 60_000;

let webUi: WebUi;
let pause: AsyncDisposable;
/** Operations acknowledged in intervals of equal length. */
let acknowledged: { before: number; during: number; after: number };
let growthBytes: number;
let outboxRows: number;
let postings: number;
let drainedMs: number;
let users: string[];

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  await using callers = await startCallers({ depositing: CALLERS });
  await callers.awaitAcknowledged(500);
  const countInterval = async () => {
    const before = callers.acknowledged().length;
    await Bun.sleep(FROZEN_SECONDS * 1_000);
    return callers.acknowledged().length - before;
  };
  const before = await countInterval();
  const [bytesBefore, postingsBefore] = [stack.memory("saldo"), await countPostings()];
  const during = await withOutage("kafka", "frozen", async () => {
    const counted = await countInterval();
    growthBytes = stack.memory("saldo") - bytesBefore;
    outboxRows = await countOutbox();
    postings = (await countPostings()) - postingsBefore;
    return counted;
  });
  const thawedAtMs = performance.now();
  const emptied = eventually(async () => (await countOutbox()) <= 2, DRAINED_WITHIN_MS).then(() => {
    drainedMs = performance.now() - thawedAtMs;
  });
  const after = await countInterval();
  await emptied;
  await callers.stop();
  acknowledged = { before, during, after };
  users = usersOf(callers.attempts);
  expect(await findLost(callers.attempts)).toEqual([]);
}, 360_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

describe(`While Kafka is frozen for ${FROZEN_SECONDS} s under load`, () => {
  test("carriers keep at least half of their rate", () => {
    console.info(`acknowledged in ${FROZEN_SECONDS} s: ${JSON.stringify(acknowledged)}`);
    expect(acknowledged.during).toBeGreaterThan(Math.min(acknowledged.before, acknowledged.after) / 2);
  });

  test("the memory of the process stays bounded, and the outbox has one row for each posting", () => {
    console.info(`${Math.round(growthBytes / 1024 / 1024)} MB more, ${outboxRows} outbox rows of ${postings} postings`);
    expect(growthBytes).toBeLessThan(GROWTH_BYTES_MAX);
    expect(outboxRows).toBeGreaterThan(0);
    expect(outboxRows).toBeLessThanOrEqual(postings + 1);
  });
});

test("afterwards all events are published without the sweep, the outbox is empty and all carriers ended", async () => {
  await eventually(async () => (await countOutbox()) === 0, DRAINED_WITHIN_MS);
  const entries = await eventIdsOf(users);
  const events = (await readEvents(users)).map(({ event }) => event.id);
  console.info(
    `drained after ${Math.round(drainedMs)} ms, ${(events.length / entries.length).toFixed(3)} events an entry`,
  );
  expect(new Set(events)).toEqual(new Set(entries));
  await eventually(
    async () => (await webUi.count('WorkflowType = "carrier" and ExecutionStatus = "Running"')) === 0,
    DRAINED_WITHIN_MS,
  );
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});

async function countPostings(): Promise<number> {
  return (await scrape()).valueAt("saldo_post_operations_count");
}
