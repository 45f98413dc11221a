import { afterAll, beforeAll, expect, test } from "bun:test";
import { parseAmount } from "../../src/ledger/money.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { hold } from "../support/ledger/barrier.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { createReportLedger, type ReportLedger, summarizeReport } from "../support/ledger/reportLedger.ts";
import { eventually } from "../support/waiting.ts";

let ledger: ReportLedger;

beforeAll(async () => {
  ledger = await createReportLedger("revenue_races");
});

afterAll(() => ledger.close());

const LOCK_NOT_AVAILABLE = "55P03";

test("a recognition across the month's end is in the old month, once, and others are booked meanwhile", async () => {
  const [slow, quick] = [uniqueUserId("slow"), uniqueUserId("quick")];
  await ledger.clock.stop("2026-10-31T20:59:59.999Z");
  await using held = await ledger.holdRecognition(slow, "10.00");
  await ledger.clock.stop("2026-10-31T21:00:00.000Z");

  // The closing cannot pass the slow recognition. It waits for a short time, and delays no other booking.
  const [closing] = await Promise.allSettled([ledger.closeMonth("2026-10"), ledger.earn(quick, "1.00")]);
  expect(closing).toMatchObject({ status: "rejected", reason: { code: LOCK_NOT_AVAILABLE } });
  await ledger.earn(quick, "2.00");
  await expect(ledger.freezeReport("2026-10")).rejects.toThrow("2026-10 is not closed");

  expect(await held.commit()).toBe("completed");
  expect(await ledger.report("2026-10")).toMatchObject({ csv: `${slow};10.00\n`, total: "10.00" });
  await ledger.clock.stop("2026-12-01T00:00:00Z");
  expect(await ledger.report("2026-11")).toMatchObject({ csv: `${quick};3.00\n`, total: "3.00" });
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

test("a closing that waits for a recognition completes at its commit, and includes it", async () => {
  const serviceId = uniqueUserId("service");
  for (const month of ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-06"]) {
    await ledger.clock.stop(`${month}-10T12:00:00Z`);
    await using held = await ledger.holdRecognition(serviceId, "1.00");
    await ledger.clock.stop("2027-07-01T00:00:00Z");
    const closing = eventually(() => ledger.closeMonth(month).then(() => true));
    const [outcome] = await Promise.all([held.commit(), closing]);
    expect(outcome).toBe("completed");
    expect(summarizeReport(await ledger.freezeReport(month)).csv).toBe(`${serviceId};1.00\n`);
  }
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

test("a recognition that a closing delays past the month's end belongs to the later month", async () => {
  const serviceId = uniqueUserId("service");
  await ledger.clock.stop("2027-10-31T20:59:59.999Z");
  await using closing = await hold(ledger, (client) =>
    client.query("select pg_advisory_xact_lock(hashtext('saldo:booking'))"),
  );
  const earning = ledger.earn(serviceId, "1.00");
  await ledger.awaitBlocked(closing);
  await ledger.clock.stop("2027-10-31T21:00:00.000Z");
  await closing.rollback();
  await earning;
  expect(await ledger.bookedFor(serviceId)).toEqual(["2027-11 1.00"]);
});

test("with four writers across a month's end and two closing replicas, each recognition is in one report", async () => {
  const serviceId = uniqueUserId("service");
  const replicas = [ledger.openReplica(), ledger.openReplica()];
  const months = Array.from({ length: 9 }, (_, index) => `2028-0${index + 1}`);
  let bookedMinor = 0n;
  let reportedMinor = 0n;
  for (const month of months.slice(0, -1)) {
    const frozen = new AbortController();
    const book = async () => {
      do {
        await ledger.earn(serviceId, "1.00");
        bookedMinor += 100n;
      } while (!frozen.signal.aborted);
    };
    const close = async (replica: (typeof replicas)[number]) => {
      await eventually(() => replica.closeMonth(month).then(() => true));
      return await replica.freezeReport(month);
    };
    await ledger.clock.run(endOf(month, -100));
    const booking = Promise.all([book(), book(), book(), book()]);
    const [one, other] = await Promise.all(replicas.map(close));
    frozen.abort();
    await booking;
    expect(summarizeReport(other!)).toEqual(summarizeReport(one!));
    reportedMinor += one!.totalMinor;
  }
  await ledger.clock.stop(endOf(months.at(-1)!, 1));
  const last = await ledger.report(months.at(-1)!);
  expect(reportedMinor + parseAmount(last.total)).toBe(bookedMinor);
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
}, 30_000);

test("a month before a closed one is closed while a recognition is under way", async () => {
  const serviceId = uniqueUserId("service");
  await ledger.clock.stop("2029-04-10T12:00:00Z");
  await ledger.closeMonth("2029-03");
  // After a step back of the clock, the month of the recognition is closed already.
  await ledger.clock.stop("2029-03-10T12:00:00Z");
  await using held = await ledger.holdRecognition(serviceId, "1.00");
  await ledger.closeMonth("2029-02");
  expect(await held.commit()).toBe("completed");
  expect(await ledger.bookedFor(serviceId)).toEqual(["2029-04 1.00"]);
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

/** The end of the month in Moscow, plus an offset. Moscow is three hours ahead of UTC. */
function endOf(month: string, offsetMs: number): string {
  const end = new Date(`${month}-01T00:00:00Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return new Date(end.getTime() - 3 * 3_600_000 + offsetMs).toISOString();
}
