import { afterAll, beforeAll } from "bun:test";
import { REPORT_SCHEDULE_ID } from "../../../src/workflows/contract.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { connectOwner } from "../stack/owner.ts";
import { pauseSchedule } from "../temporal/schedules.ts";
import { openWebUi, type WebUi } from "../temporal/webUi.ts";
import { type Answer, get, stack } from "./client.ts";
import { userWith } from "./funds.ts";
import { reserve, settle } from "./reservations.ts";

export const REPORTS_PATH = "/v1/reports/revenue";
export const BALANCES_PATH = "/v1/reports/balances";

export function getReport(month: string): Promise<Answer> {
  return get(`${REPORTS_PATH}?month=${month}`);
}

export function getOrders(month: string): Promise<Answer> {
  return get(`${REPORTS_PATH}?month=${month}&detail=orders`);
}

export function getBalances(month: string): Promise<Answer> {
  return get(`${BALANCES_PATH}?month=${month}`);
}

/** Downloads a file by its link, without a token, optionally from another replica. */
export async function download(
  url: string,
  origin?: string,
): Promise<{ status: number; headers: Headers; text: string }> {
  const target = origin === undefined ? url : url.replace(stack.environment.PUBLIC_URL!, origin);
  const response = await fetch(target);
  return {
    status: response.status,
    headers: response.headers,
    text: Buffer.from(await response.arrayBuffer()).toString(),
  };
}

/** The SHA-256 of the text's bytes, as reports state it. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** Earns the service this amount through the API, now. @returns the service's id */
export async function earn(amount: string, serviceId = uniqueUserId("service")): Promise<string> {
  const { reservationId } = await reserve(await userWith(amount), amount, { serviceId });
  await settle(reservationId, "recognitions");
  return serviceId;
}

/**
 * Pauses the hourly closing of months for the tests of a file.
 *
 * It closes all months that are over. A test could no longer move revenue into one of them.
 */
export function useReportsOnRequest(): void {
  let webUi: WebUi;
  let pause: AsyncDisposable;
  beforeAll(async () => {
    webUi = await openWebUi();
    pause = await pauseSchedule(webUi.client, REPORT_SCHEDULE_ID);
  }, 40_000);
  afterAll(async () => {
    await pause[Symbol.asyncDispose]();
    await webUi.close();
  });
}

/**
 * Moves the service's revenue into a past month, with all entries of its users. Tests cannot wait for a month to end.
 *
 * These users have nothing left, so the closing balances of that month, and of later ones, stay the same.
 */
export async function moveRevenue(serviceId: string, month: string): Promise<void> {
  await using owner = await connectOwner();
  const { rowCount } = await owner.query("update revenue set month = $2 where service_id = $1", [
    serviceId,
    `${month}-01`,
  ]);
  if (rowCount === 0) throw new Error(`${serviceId} has no revenue`);
  await owner.query(
    "update entries set month = $2 where user_id in (select user_id from entries where service_id = $1)",
    [serviceId, `${month}-01`],
  );
}

export async function nameService(serviceId: string, name: string): Promise<void> {
  await using owner = await connectOwner();
  await owner.query(
    "insert into services (service_id, name) values ($1, $2) on conflict (service_id) do update set name = $2",
    [serviceId, name],
  );
}

/** The current month in the time zone of the stack's reports. */
export function runningMonth(at = new Date()): string {
  return new Intl.DateTimeFormat("sv", { timeZone: "Europe/Moscow", year: "numeric", month: "2-digit" }).format(at);
}
