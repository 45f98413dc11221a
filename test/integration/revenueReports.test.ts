import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Frozen } from "../../src/ledger/reports.ts";
import type { RevenueReport } from "../../src/ledger/revenueReport.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { hold } from "../support/ledger/barrier.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { createReportLedger, type ReportLedger, summarizeReport } from "../support/ledger/reportLedger.ts";
import { eventually } from "../support/waiting.ts";

let ledger: ReportLedger;

beforeAll(async () => {
  ledger = await createReportLedger("revenue_reports");
});

afterAll(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  await ledger.close();
});

/** The SHA-256 of an empty file. */
const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("a month's report", () => {
  test("has a line for each service with a revenue row, 0.00 included, bytewise by name and then by id", async () => {
    await ledger.clock.stop("2026-01-10T12:00:00Z");
    const earned: [serviceId: string, name: string | undefined, amount: string][] = [
      ["svc-1", "Éclair", "1.00"],
      ["svc-2", "apple", "2.00"],
      ["svc-3", "Apple", "3.00"],
      ["svc-4", "Яблоко", "4.00"],
      ["svc-6", "same; name", "6.00"],
      ["svc-5", "same; name", "5.00"],
      ["B-without-name", undefined, "7.00"],
      ["svc-8", '=1+1 "x"', "8.00"],
      ["svc-9", "-", "9.00"],
      ["svc-10", "x,=1+1,y", "0.50"],
    ];
    for (const [serviceId, name, amount] of earned) {
      await ledger.earn(serviceId, amount);
      if (name !== undefined) await ledger.name(serviceId, name);
    }
    await ledger.giveBack(await ledger.earn("svc-0", "10.00"), "10.00");
    await ledger.name("never", "never used");

    await ledger.clock.stop("2026-02-01T00:00:00Z");
    const report = await ledger.report("2026-01");
    expect(report.csv.split("\n")).toEqual([
      "'-;9.00",
      `"'=1+1 ""x""";8.00`,
      "Apple;3.00",
      "B-without-name;7.00",
      "apple;2.00",
      '"same; name";5.00',
      '"same; name";6.00',
      "svc-0;0.00",
      '"x,=1+1,y";0.50',
      "Éclair;1.00",
      "Яблоко;4.00",
      "",
    ]);
    expect(report.total).toBe("45.50");
    expect(report.sha256).toBe(new Bun.CryptoHasher("sha256").update(report.csv).digest("hex"));
    expect(report.generatedAt).toBe("2026-02-01T00:00:00.000Z");
  });

  test("without revenue is an empty file, frozen like others", async () => {
    const report = await ledger.report("2020-02");
    expect(report).toMatchObject({ csv: "", total: "0.00", sha256: SHA256_OF_NOTHING });
    expect(await ledger.readReport("2020-02")).toMatchObject({ status: "final", totalMinor: 0n });
  });

  test("is provisional with present names while the month runs, then waits for the closing", async () => {
    const serviceId = uniqueUserId("service");
    await ledger.clock.stop("2026-03-10T12:00:00Z");
    await ledger.earn(serviceId, "1.50");
    const read = async () => {
      const report = await ledger.readReport("2026-03");
      if (report.status !== "provisional") return report.status;
      return { ...summarizeReport({ ...report, sha256: "" }), status: report.status };
    };
    expect(await read()).toMatchObject({ status: "provisional", csv: `${serviceId};1.50\n`, total: "1.50" });
    await ledger.clock.stop("2026-03-31T20:59:59.999Z");
    await ledger.earn(serviceId, "1.00");
    await ledger.name(serviceId, "Delivery");
    expect(await read()).toMatchObject({ csv: "Delivery;2.50\n", generatedAt: "2026-03-31T20:59:59.999Z" });
    await ledger.clock.stop("2026-03-31T21:00:00Z");
    expect(await read()).toBe("unclosed");
    expect((await ledger.readReport("2026-05")).status).toBe("future");
  });

  test("never changes once frozen, by a rename, later revenue or another replica", async () => {
    const serviceId = uniqueUserId("service");
    await ledger.clock.stop("2026-04-10T12:00:00Z");
    await ledger.name(serviceId, "Before");
    const recognitionId = await ledger.earn(serviceId, "4.00");
    await ledger.clock.stop("2026-05-01T00:00:00Z");
    const report = await ledger.report("2026-04");
    expect(report.csv).toBe("Before;4.00\n");

    await ledger.name(serviceId, "After");
    await ledger.giveBack(recognitionId, "1.00");
    await ledger.clock.stop("2026-06-01T00:00:00Z");
    expect(await ledger.report("2026-04")).toEqual(report);
    const elsewhere = await ledger.openReplica().readReport("2026-04");
    expect(elsewhere.status === "final" && summarizeReport(elsewhere)).toEqual(report);
    expect((await ledger.report("2026-05")).csv).toBe("After;-1.00\n");
  });
});

test("a month that was frozen before names with commas were quoted keeps its bytes", async () => {
  await ledger.closeMonth("2020-03");
  const csv = "x,=1+1,y;0.00\n";
  const sha256 = new Bun.CryptoHasher("sha256").update(csv).digest("hex");
  await ledger.owner.query("insert into revenue_reports values ('2020-03-01', $1, $2, 0, now())", [
    Buffer.from(csv),
    sha256,
  ]);
  expect(await ledger.report("2020-03")).toMatchObject({ csv, sha256 });
});

describe("a month that is not closed", () => {
  test("cannot be closed before its end, to the millisecond", async () => {
    await ledger.clock.stop("2026-06-30T20:59:59.999Z");
    for (const month of ["2026-06", "2026-07", "2999-12"]) {
      await expect(ledger.closeMonth(month)).rejects.toThrow(`${month} is not over`);
    }
    expect(await ledger.rows("select from closed_months where month >= '2026-06-01'")).toEqual([]);
    await ledger.clock.stop("2026-06-30T21:00:00.000Z");
    await ledger.closeMonth("2026-06");
  });

  test("cannot be frozen", async () => {
    await expect(ledger.freezeReport("2026-07")).rejects.toThrow("2026-07 is not closed");
  });
});

describe("a month whose revenue differs from the ledger's entries", () => {
  test("is closed, but has no report until the difference is repaired", async () => {
    const serviceId = uniqueUserId("service");
    await ledger.clock.stop("2026-08-10T12:00:00Z");
    await ledger.earn(serviceId, "1.00");
    const recognitionId = await ledger.earn(serviceId, "2.00");
    await ledger.clock.stop("2026-09-10T12:00:00Z");
    const change = (amountMinor: number) =>
      ledger.rows("update revenue set amount_minor = $2 where operation_id = $1", [recognitionId, amountMinor]);
    await change(150);
    await expect(ledger.report("2026-08")).rejects.toThrow(
      "The revenue of 2026-08 is 2.50, but its recognitions less its refunds are 3.00",
    );
    expect((await ledger.readReport("2026-08")).status).toBe("unclosed");
    await change(200);
    expect((await ledger.report("2026-08")).csv).toBe(`${serviceId};3.00\n`);
  });

  test("is only the month of the entry, if a recognition has no revenue row", async () => {
    const serviceId = uniqueUserId("service");
    await ledger.clock.stop("2026-11-30T20:59:59.999Z");
    const recognitionId = await ledger.earn(serviceId, "2.00");
    await ledger.clock.stop("2026-11-30T21:00:00.000Z");
    await ledger.earn(serviceId, "3.00");
    await ledger.clock.stop("2027-01-10T12:00:00Z");
    const [row] = await ledger.rows("delete from revenue where operation_id = $1 returning *", [recognitionId]);
    expect((await ledger.report("2026-12")).csv).toBe(`${serviceId};3.00\n`);
    await expect(ledger.report("2026-11")).rejects.toThrow(
      "The revenue of 2026-11 is 0.00, but its recognitions less its refunds are 2.00",
    );
    await ledger.rows(
      "insert into revenue (operation_id, service_id, amount_minor, created_at, month) values ($1, $2, $3, $4, $5)",
      [row!.operation_id, row!.service_id, row!.amount_minor, row!.created_at, "2026-11-01"],
    );
    expect((await ledger.report("2026-11")).csv).toBe(`${serviceId};2.00\n`);
  });
});

test("two replicas that freeze a month at once, one before and one after a rename, get the same report", async () => {
  const serviceId = uniqueUserId("service");
  await ledger.clock.stop("2027-01-15T12:00:00Z");
  await ledger.earn(serviceId, "1.00");
  await ledger.clock.stop("2027-02-01T00:00:00Z");
  const replicas = [ledger.openReplica(), ledger.openReplica()];
  await Promise.all(replicas.map((replica) => replica.closeMonth("2027-01")));

  // Both replicas read the names before either can write them.
  await using barrier = await hold(ledger, (client) => client.query("lock table report_services in exclusive mode"));
  const freezing: Promise<Frozen<RevenueReport>>[] = [];
  for (const [index, replica] of replicas.entries()) {
    await ledger.name(serviceId, `Name ${index}`);
    freezing.push(replica.freezeReport("2027-01"));
    await eventually(async () => {
      const waiting = await ledger.rows(
        "select from pg_stat_activity where datname = current_database() and application_name = 'saldo-report' and wait_event_type = 'Lock'",
      );
      return waiting.length === index + 1;
    });
  }
  await barrier.rollback();
  const [one, other] = (await Promise.all(freezing)).map(summarizeReport);
  expect(["Name 0;1.00\n", "Name 1;1.00\n"]).toContain(one!.csv);
  expect(other).toEqual(one!);
  expect(await ledger.report("2027-01")).toEqual(one!);
});

test("unreported months are over, not before the first with revenue, and without a report", async () => {
  const other = await createReportLedger("revenue_unreported");
  try {
    await other.clock.stop("2026-05-15T12:00:00Z");
    expect(await other.findUnreported()).toEqual([]);
    await other.earn("service", "1.00");
    expect(await other.findUnreported()).toEqual([]);
    await other.clock.stop("2026-07-31T20:59:59.999Z");
    expect(await other.findUnreported()).toEqual(["2026-05", "2026-06"]);
    await other.clock.stop("2026-07-31T21:00:00Z");
    await other.report("2026-06");
    // It is closed, but its process died before the report.
    await other.closeMonth("2026-05");
    expect(await other.findUnreported()).toEqual(["2026-05", "2026-07"]);
    for (const month of ["2026-05", "2026-07", "2026-04"]) await other.report(month);
    expect(await other.findUnreported()).toEqual([]);
  } finally {
    await other.close();
  }
});
