import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { mintToken } from "../../scripts/keys.ts";
import { migrateDatabase, withOwner } from "../../scripts/stack/databases.ts";
import { storeNames } from "../../scripts/stack/stack.ts";
import { type Answer, apiUrl, post, stack } from "../support/api/client.ts";
import { SERVICE_ID, uniqueOrderId } from "../support/api/reservations.ts";
import { readLedger } from "../support/audit/stackAudit.ts";
import { type Clients, startClients } from "../support/chaos/clients.ts";
import { createMeter } from "../support/chaos/meter.ts";
import { createRandom } from "../support/chaos/random.ts";
import { createRecord } from "../support/chaos/record.ts";
import { verify } from "../support/chaos/verify.ts";
import { findUnwatched } from "../support/pulling/sagaWatch.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { startOldProcess } from "../support/upgrade/oldProcess.ts";
import { RELEASE, unpackRelease } from "../support/upgrade/release.ts";
import { eventually } from "../support/waiting.ts";

// A stack of the last release is migrated and rolled under load, back and forth.

const SEED = 17;
const USERS = 12;
const CLIENTS = 4;
/** Answers to await in each state of the roll. */
const ANSWERS = 60;
const WITHIN_MS = 60_000;
const TRIES_MAX = 20;

const caller = `roll-${crypto.randomUUID().slice(0, 8)}`;
const users = Array.from({ length: USERS }, (_, index) => `${caller}-${index}`);
const record = createRecord(createRandom(SEED));
const meter = createMeter();
const startedAt = new Date();
const sagas: Record<"startedByOld" | "startedByNew", { ended: string }> = {
  startedByOld: { ended: "" },
  startedByNew: { ended: "" },
};
const exitCodes: number[] = [];

let origins: string[];
let clients: Clients;
let webUi: WebUi;

beforeAll(async () => {
  const folder = await unpackRelease();
  await stack.reset();
  await stack.up(storeNames);
  await withOwner(stack.site, "postgres", async (client) => {
    await client.query("drop database saldo with (force)");
    await client.query("create database saldo");
  });
  await migrateDatabase(stack.site, "saldo", join(folder, "db", "migrations"));
  webUi = await openWebUi();

  await using old = await startOldProcess(stack, folder);
  // While its process has no other requests, a reservation has a saga of its own.
  const onOld = await reserveAt(old.origin);
  origins = [old.origin];
  const token = await mintToken({ sub: caller });
  clients = startClients({ count: CLIENTS, seed: SEED, users, token, origins: () => origins, record, meter });
  try {
    await work();
    await migrateDatabase(stack.site, "saldo");
    await stack.start("saldo");
    const onNew = await reserveAlone(apiUrl);
    origins = [old.origin, apiUrl];
    await work();

    // Back: the new version stops, and the release continues its workflows.
    origins = [old.origin];
    await stack.stop("saldo");
    sagas.startedByNew.ended = await releaseAt(old.origin, onNew);
    await work();

    // Forth: the release stops.
    await stack.start("saldo");
    origins = [apiUrl];
    exitCodes.push(await old.stop());
    sagas.startedByOld.ended = await releaseAt(apiUrl, onOld);
    await work();
  } finally {
    await clients.stop();
  }
}, 400_000);

afterAll(async () => {
  await webUi?.close();
  await stack.reset();
});

async function work(): Promise<void> {
  const before = record.totals().operations;
  await eventually(async () => record.totals().operations >= before + ANSWERS, WITHIN_MS);
}

/** Repeats the request with one key until it is completed. A process that has just started may answer 503. */
async function complete(origin: string, path: string, body: object): Promise<Answer["body"]> {
  const key = crypto.randomUUID();
  return await eventually(async () => {
    const answer = await post(path, body, { origin, key, wait: 20 });
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }, WITHIN_MS);
}

type Reservation = { userId: string; reservationId: string; workflowId: string };

async function reserveAt(origin: string): Promise<Reservation> {
  const userId = `saga-${crypto.randomUUID()}`;
  const order = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount: "4.00" };
  await complete(origin, "/v1/deposits", { userId, amount: "10.00" });
  return await complete(origin, "/v1/reservations", order);
}

/**
 * Reserves with a saga that has no other reservation. It then ends with this one. A worker of the other process may run
 * the saga, which then pulls reservations of that process.
 */
async function reserveAlone(origin: string): Promise<Reservation> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const reservation = await reserveAt(origin);
    // A saga that sleeps has finished pulling.
    expect(await findUnwatched(webUi.client, [reservation.userId])).toEqual([]);
    const isAlone = await readLedger(async (owner) => {
      const { rowCount } = await owner.query("select from reservations where saga_workflow_id = $1", [
        reservation.workflowId,
      ]);
      return rowCount === 1;
    });
    if (isAlone) return reservation;
  }
  throw new Error("Each saga has pulled other reservations");
}

/** Releases it through this process alone. @returns how its saga has ended */
async function releaseAt(origin: string, { reservationId, workflowId }: Reservation): Promise<string> {
  await complete(origin, `/v1/reservations/${reservationId}/releases`, {});
  return await eventually(async () => {
    const ended = await webUi.status(workflowId);
    return ended !== "RUNNING" && ended;
  }, WITHIN_MS);
}

test(`sagas that ${RELEASE.version} or the present version starts end on the other`, () => {
  expect(sagas).toEqual({ startedByOld: { ended: "COMPLETED" }, startedByNew: { ended: "COMPLETED" } });
});

test("the release stops gracefully while the present version runs", () => {
  expect(exitCodes).toEqual([0]);
});

test("each request during the roll has its answer in the ledger once, and audits find nothing", async () => {
  expect(record.totals().operations).toBeGreaterThanOrEqual(4 * ANSWERS);
  expect(record.unexpected).toEqual([]);
  expect(await verify({ caller, users, clients, record, startedAt })).toEqual([]);
}, 240_000);
