import { afterAll, beforeAll, expect, test } from "bun:test";
import { tally } from "../support/api/funds.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { type Burst, openBurst, readExpiries } from "../support/pulling/burst.ts";
import { type Callers, startCallers } from "../support/pulling/callers.ts";
import { findLost } from "../support/pulling/recovery.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

// Reservations with a saga each, due in the same second, without the sweep. The long run with BURST_RESERVATIONS=5000
// also bounds how late the last one is.

const RESERVATIONS = Number(process.env.BURST_RESERVATIONS || 100);
const LATE_SECONDS_MAX = 10;
const EXPIRED_WITHIN_MS = 180_000;
const ENDED_WITHIN_MS = 300_000;
const DEPOSITS_AFTER = 20;

let webUi: WebUi;
let pause: AsyncDisposable;
let burst: Burst;
let callers: Callers;
let expiries: Awaited<ReturnType<typeof readExpiries>>;
let haveEnded: boolean;

beforeAll(async () => {
  webUi = await openWebUi();
  pause = await pauseSweep(webUi.client);
  burst = await openBurst(webUi.client, RESERVATIONS);
  await Bun.sleep(burst.dueAtMs - 2_000 - Date.now());
  await using started = await startCallers({ depositing: 4 });
  callers = started;
  await callers.awaitAcknowledged(1);
  const readAll = async () => {
    expiries = await readExpiries(burst.reservationIds);
    return expiries.count === RESERVATIONS;
  };
  await eventually(readAll, EXPIRED_WITHIN_MS);
  // Temporal works on the sagas for much longer, which delays concurrent callers.
  haveEnded = await eventually(areOver, ENDED_WITHIN_MS);
  await callers.awaitAcknowledged(DEPOSITS_AFTER);
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

test("concurrent deposits complete once each", async () => {
  const answers = callers.attempts.flatMap(({ answer }) => answer ?? []);
  console.info(`concurrent deposits: ${JSON.stringify(tally(answers))}`);
  // On a busy machine Temporal may take longer for a start than a caller waits.
  if (process.env.BURST_RESERVATIONS) expect(tally(answers)).toEqual({ "200": callers.attempts.length });
  expect(await findLost(callers.attempts)).toEqual([]);
});

test("all sagas of the burst end", async () => {
  expect(haveEnded).toBe(true);
  expect(await readLedger(findBrokenPromises)).toEqual([]);
});

async function areOver(): Promise<boolean> {
  const running = burst.userIds.map((userId) => `(UserId = "${userId}" and ExecutionStatus = "Running")`).join(" or ");
  return (await webUi.count(running)) === 0;
}
