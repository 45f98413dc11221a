import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { createReportLedger, type ReportLedger } from "../support/ledger/reportLedger.ts";

let ledger: ReportLedger;

beforeAll(async () => {
  ledger = await createReportLedger("revenue_months");
});

afterAll(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  await ledger.close();
});

const uniqueService = () => uniqueUserId("service");

describe("revenue belongs to the month of its posting, by the clock of PostgreSQL:", () => {
  test.each([
    ["Europe/Moscow", "2026-01-31T20:59:59.999Z", "2026-01"],
    ["Europe/Moscow", "2026-01-31T21:00:00.000Z", "2026-02"],
    ["UTC", "2026-01-31T23:59:59.999Z", "2026-01"],
    ["UTC", "2026-02-01T00:00:00.000Z", "2026-02"],
    ["America/New_York", "2026-11-01T03:59:59.999Z", "2026-10"],
    ["America/New_York", "2026-11-01T04:00:00.000Z", "2026-11"],
    ["America/New_York", "2026-12-01T04:59:59.999Z", "2026-11"],
    ["America/New_York", "2026-12-01T05:00:00.000Z", "2026-12"],
  ])("in %s, %s is in %s", async (timeZone, at, month) => {
    const serviceId = uniqueService();
    await ledger.clock.stop(at);
    await ledger.earn(serviceId, "1.00", ledger.openReplica(timeZone).post);
    expect(await ledger.bookedFor(serviceId)).toEqual([`${month} 1.00`]);
  });
});

test("a refund is negative revenue of the month of the refund", async () => {
  const serviceId = uniqueService();
  await ledger.clock.stop("2026-03-10T12:00:00Z");
  const recognitionId = await ledger.earn(serviceId, "10.00");
  await ledger.giveBack(recognitionId, "1.00");
  await ledger.clock.stop("2026-04-10T12:00:00Z");
  await ledger.giveBack(recognitionId, "9.00");
  expect(await ledger.bookedFor(serviceId)).toEqual(["2026-03 10.00", "2026-03 -1.00", "2026-04 -9.00"]);

  await ledger.clock.stop("2026-05-10T12:00:00Z");
  expect((await ledger.report("2026-03")).csv).toBe(`${serviceId};9.00\n`);
  expect(await ledger.report("2026-04")).toMatchObject({ csv: `${serviceId};-9.00\n`, total: "-9.00" });
});

test("after a step back of the clock revenue goes into the first open month, never into a closed one", async () => {
  const serviceId = uniqueService();
  await ledger.clock.stop("2026-08-31T21:30:00Z");
  const recognitionId = await ledger.earn(serviceId, "5.00");
  await ledger.clock.stop("2026-10-01T12:00:00Z");
  for (const month of ["2026-06", "2026-07", "2026-09"]) await ledger.report(month);

  // August is closed with September.
  await ledger.clock.stop("2026-06-10T12:00:00Z");
  await ledger.earn(serviceId, "1.00");
  await ledger.clock.stop("2026-09-10T12:00:00Z");
  await ledger.earn(serviceId, "2.00");
  await ledger.giveBack(recognitionId, "0.50");
  expect(await ledger.bookedFor(serviceId)).toEqual(["2026-09 5.00", "2026-10 2.00", "2026-10 1.00", "2026-10 -0.50"]);
});

test("a later change of the time zone moves no booked revenue", async () => {
  const serviceId = uniqueService();
  await ledger.clock.stop("2027-01-31T22:00:00Z");
  await ledger.earn(serviceId, "1.00");
  const utc = ledger.openReplica("UTC");
  await ledger.earn(serviceId, "2.00", utc.post);
  expect(await ledger.bookedFor(serviceId)).toEqual(["2027-01 2.00", "2027-02 1.00"]);

  await ledger.clock.stop("2027-03-10T12:00:00Z");
  await utc.closeMonth("2027-02");
  expect(await utc.freezeReport("2027-02")).toMatchObject({ totalMinor: 100n });
});
