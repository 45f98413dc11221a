import { afterAll, beforeAll, expect, test } from "bun:test";
import { readLedger } from "../support/audit.ts";
import { eventually } from "../support/eventually.ts";
import { tally } from "../support/funds.ts";
import { restoreStack } from "../support/outages.ts";
import { findBrokenPromises } from "../support/promises.ts";
import { type Burst, openBurst, readExpiries } from "../support/pulling/burst.ts";
import { type Callers, startCallers } from "../support/pulling/callers.ts";
import { pauseSweep } from "../support/sweeps.ts";
import { openWebUi, type WebUi } from "../support/webUi.ts";

// Reservations with a saga each that are due in the same second, without the sweep. The long run, which bounds how late the last one is:
// BURST_RESERVATIONS=5000.

const RESERVATIONS = Number(process.env.BURST_RESERVATIONS || 500);
const LATE_SECONDS_MAX = 10;
const EXPIRED_WITHIN_MS = 180_000;
const DEPOSITS_AFTER = 20;

let webUi: WebUi;
let pause: AsyncDisposable;
let burst: Burst;
let callers: Callers;
let expiries: Awaited<ReturnType<typeof readExpiries>>;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  burst = await openBurst(webUi.client, RESERVATIONS);
  await Bun.sleep(burst.dueAtMs - 2_000 - Date.now());
  callers = await startCallers({ depositing: 4 });
  await callers.awaitAcknowledged(1);
  const readAll = async () => {
    expiries = await readExpiries(burst.reservationIds);
    return expiries.count === RESERVATIONS;
  };
  await eventually(readAll, EXPIRED_WITHIN_MS);
  await callers.awaitAcknowledged(DEPOSITS_AFTER);
  await callers.stop();
}, 3_600_000);

afterAll(async () => {
  await restoreStack();
  await pause[Symbol.asyncDispose]();
  await webUi.close();
});

test(`${RESERVATIONS} reservations with a saga each that are due in the same second all expire`, () => {
  const { count, sagas, late, spread } = expiries;
  console.info(`${count} of ${sagas} sagas, due within ${spread.toFixed(1)} s, the last ${late.toFixed(1)} s late`);
  expect([count, sagas]).toEqual([RESERVATIONS, RESERVATIONS]);
  if (process.env.BURST_RESERVATIONS) expect(late).toBeLessThan(LATE_SECONDS_MAX);
});

test("deposits beside them are all acknowledged", () => {
  const answers = callers.attempts.flatMap(({ answer }) => answer ?? []);
  expect(answers).toHaveLength(callers.attempts.length);
  expect(tally(answers)).toEqual({ "200": answers.length });
});

test("their sagas all end", async () => {
  const countRunning = async () => {
    const counts = burst.sagaWorkflowIds.map(async (id) => (await webUi.status(id)) !== "COMPLETED");
    return (await Promise.all(counts)).filter(Boolean).length;
  };
  expect(await eventually(async () => ((await countRunning()) === 0 ? "all have ended" : false), 110_000)).toBe(
    "all have ended",
  );
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});
