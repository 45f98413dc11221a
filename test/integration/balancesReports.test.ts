import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectedClosing, totalOf } from "../../src/ledger/balancesReport.ts";
import { formatAmount } from "../../src/ledger/money.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { hold } from "../support/ledger/barrier.ts";
import { deposit, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createReportLedger, type ReportLedger } from "../support/ledger/reportLedger.ts";
import { extension, recognition, refund, release, uniqueOrder } from "../support/ledger/reservationOperations.ts";
import { eventually } from "../support/waiting.ts";

let ledger: ReportLedger;

beforeAll(async () => {
  ledger = await createReportLedger("balances_reports");
});

afterAll(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  await ledger.close();
});

const LOCK_NOT_AVAILABLE = "55P03";

/** The sums of all accounts, available before reserved. */
async function heldNow(of = ledger): Promise<string> {
  const [row] = await of.rows(
    "select coalesce(sum(available_minor), 0) as available, coalesce(sum(reserved_minor), 0) as reserved from accounts",
  );
  return `${formatAmount(BigInt(row!.available))} ${formatAmount(BigInt(row!.reserved))}`;
}

async function sha256Of(csv: Uint8Array): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(csv).digest("hex");
}

describe("a month's balances", () => {
  test("follow from every kind of operation, and each month begins where the one before ended", async () => {
    const order = uniqueOrder();
    const other = uniqueUserId("other");
    await ledger.clock.stop("2026-01-10T12:00:00Z");
    await ledger.postAll(deposit(order.userId, "100.00"), withdrawal(order.userId, "10.00"));
    await ledger.postAll(transfer(order.userId, other, "20.00"));
    const kept = await ledger.reserve(order, "30.00", 2_592_000);
    const january = {
      opening: "0.00 0.00",
      deposits: "100.00",
      withdrawals: "10.00",
      revenue: "0.00",
      refunds: "0.00",
      closing: "60.00 30.00",
    };
    expect(await ledger.balances("2026-01")).toEqual({ status: "provisional", ...january });
    expect(await heldNow()).toBe(january.closing);

    await ledger.clock.stop("2026-02-05T12:00:00Z");
    expect(await ledger.balances("2026-01")).toBe("unclosed");
    const recognized = recognition({ reservationId: kept, amount: "12.50", final: false });
    await ledger.postAll(recognized, extension(kept, 2_592_000));
    await ledger.postAll(release({ reservationId: kept, amount: "2.50" }), refund(recognized.operationId, "4.00"));
    const final = await ledger.reserve(order, "5.00");
    await ledger.postAll(recognition({ reservationId: final, amount: "3.00" }));
    const expired = await ledger.reserve(order, "1.00");
    await ledger.clock.stop("2026-02-05T14:00:00Z");
    await ledger.expireByIds("saga", expired);
    const february = {
      opening: january.closing,
      deposits: "0.00",
      withdrawals: "0.00",
      revenue: "15.50",
      refunds: "4.00",
      closing: "63.50 15.00",
    };
    expect(await ledger.balances("2026-02")).toEqual({ status: "provisional", ...february });
    expect(await heldNow()).toBe(february.closing);

    await ledger.clock.stop("2026-03-05T12:00:00Z");
    await ledger.postAll(deposit(other, "0.01"), refund(recognized.operationId));
    await ledger.report("2026-01");
    expect((await ledger.report("2026-02")).total).toBe("11.50");
    expect(await ledger.balances("2026-01")).toEqual({ status: "final", ...january });
    expect(await ledger.balances("2026-02")).toEqual({ status: "final", ...february });
    expect(await ledger.balances("2026-03")).toMatchObject({ opening: february.closing, refunds: "8.50" });
    expect(await ledger.balances("2026-04")).toBe("future");
  });

  test("have a file of a header and a line, frozen to the byte for all replicas", async () => {
    await ledger.clock.stop("2026-04-05T12:00:00Z");
    await ledger.report("2026-03");
    const report = await ledger.readBalancesReport("2026-03");
    if (report.status !== "final") throw new Error(report.status);
    expect(Buffer.from(report.csv).toString()).toBe(
      "month;opening available;opening reserved;deposits;withdrawals;revenue;refunds;closing available;closing reserved\n" +
        "2026-03;63.50;15.00;0.01;0.00;0.00;8.50;72.01;15.00\n",
    );
    expect(report.sha256).toBe(await sha256Of(report.csv));
    await ledger.postAll(deposit(uniqueUserId(), "7.00"));
    await ledger.report("2026-03");
    expect(await ledger.openReplica().readBalancesReport("2026-03")).toEqual(report);
  });

  test("of a month before all entries are zero, of one without entries equal", async () => {
    const nothing = { deposits: "0.00", withdrawals: "0.00", revenue: "0.00", refunds: "0.00" };
    await ledger.report("2020-01");
    expect(await ledger.balances("2020-01")).toMatchObject({ ...nothing, opening: "0.00 0.00", closing: "0.00 0.00" });
    await ledger.clock.stop("2026-07-05T12:00:00Z");
    await ledger.report("2026-05");
    const may = { status: "final" as const, ...nothing, opening: "79.01 15.00", closing: "79.01 15.00" };
    expect(await ledger.balances("2026-05")).toEqual(may);
  });

  test("exceed the limit of a column where accounts together do", async () => {
    const other = await createReportLedger("balances_large");
    try {
      await other.clock.stop("2026-01-10T12:00:00Z");
      const users = ["a", "b", "c"];
      await other.fund(users, "1.00");
      // The largest account, three times, each by one deposit.
      await other.rows("alter table entries disable trigger all");
      await other.rows(
        "update entries set amount_minor = 9e18, available_delta_minor = 9e18, available_after_minor = 9e18",
      );
      await other.clock.stop("2026-02-10T12:00:00Z");
      await other.report("2026-01");
      const all = "270000000000000000.00";
      expect(await other.balances("2026-01")).toMatchObject({ deposits: all, closing: `${all} 0.00` });
    } finally {
      await other.close();
    }
  });
});

test("each read of the running month adds up, in one snapshot, while operations are posted", async () => {
  const order = uniqueOrder();
  await ledger.clock.run("2026-08-10T12:00:00Z");
  await ledger.postAll(deposit(order.userId, "1000.00"));
  const stop = new AbortController();
  const post = async () => {
    while (!stop.signal.aborted) {
      await ledger.earn(order.serviceId, "1.00");
      await ledger.postAll(transfer(order.userId, uniqueUserId(), "0.01"), withdrawal(order.userId, "0.01"));
    }
  };
  const posting = Promise.all([post(), post(), post()]);
  for (let read = 0; read < 30; read += 1) {
    const report = await ledger.readBalancesReport("2026-08");
    if (report.status !== "provisional") throw new Error(report.status);
    expect(expectedClosing(report)).toBe(totalOf(report.closing));
  }
  stop.abort();
  await posting;
  expect(await ledger.balances("2026-08")).toMatchObject({ closing: await heldNow() });
});

describe("the month of an entry", () => {
  test("of a deposit across the month's end is the old one: the closing waits for its commit", async () => {
    const userId = uniqueUserId();
    await ledger.clock.stop("2026-09-30T20:59:59.999Z");
    await using held = await ledger.holdPosting(deposit(userId, "3.00"));
    await ledger.clock.stop("2026-09-30T21:00:00.000Z");
    await expect(ledger.closeMonth("2026-09")).rejects.toMatchObject({ code: LOCK_NOT_AVAILABLE });
    expect(await held.commit()).toBe("completed");
    await ledger.report("2026-09");
    expect(await ledger.balances("2026-09")).toMatchObject({ deposits: "3.00", closing: await heldNow() });
  });

  test("of a deposit that a closing delays past the month's end is the new one", async () => {
    const userId = uniqueUserId();
    await ledger.clock.stop("2026-10-31T20:59:59.999Z");
    await using closing = await hold(ledger, (client) =>
      client.query("select pg_advisory_xact_lock(hashtext('saldo:booking'))"),
    );
    const posting = ledger.postOne(deposit(userId, "3.00"));
    await ledger.awaitBlocked(closing);
    await ledger.clock.stop("2026-10-31T21:00:00.000Z");
    await closing.rollback();
    await posting;
    expect(await ledger.rows("select month::text from entries where user_id = $1", [userId])).toEqual([
      { month: "2026-11-01" },
    ]);
  });

  test("is open after a step back of the clock, so a frozen month stays as it is", async () => {
    await ledger.clock.stop("2026-12-01T12:00:00Z");
    await ledger.report("2026-11");
    const november = await ledger.balances("2026-11");
    const [sender, receiver] = [uniqueUserId(), uniqueUserId()];
    // October has no row of its own: it is closed with November.
    for (const at of ["2026-10-10T12:00:00Z", "2026-11-10T12:00:00Z"]) {
      await ledger.clock.stop(at);
      await ledger.postAll(deposit(sender, "4.00"), transfer(sender, receiver, "1.00"), withdrawal(receiver, "0.50"));
    }
    const months = await ledger.rows("select distinct month::text from entries where user_id = any ($1)", [
      [sender, receiver],
    ]);
    expect(months).toEqual([{ month: "2026-12-01" }]);
    await ledger.clock.stop("2027-01-01T12:00:00Z");
    for (const month of ["2026-12", "2026-10"]) await ledger.report(month);
    expect(await ledger.balances("2026-11")).toEqual(november);
    expect(await ledger.balances("2026-12")).toMatchObject({
      deposits: "8.00",
      withdrawals: "1.00",
      closing: await heldNow(),
    });
  });

  test("with writers across a month's end and two closing replicas, no movement is lost or doubled", async () => {
    const replicas = [ledger.openReplica(), ledger.openReplica()];
    for (const [month, end] of [
      ["2027-01", "2027-01-31T20:59:59.900Z"],
      ["2027-02", "2027-02-28T20:59:59.900Z"],
      ["2027-03", "2027-03-31T20:59:59.900Z"],
    ] as const) {
      await ledger.clock.run(end);
      const frozen = new AbortController();
      const post = async () => {
        do await ledger.postAll(deposit(uniqueUserId(), "1.00"));
        while (!frozen.signal.aborted);
      };
      const posting = Promise.all([post(), post(), post(), post()]);
      await Promise.all(
        replicas.map(async (replica) => {
          await eventually(() => replica.closeMonth(month).then(() => true));
          await replica.freezeReport(month);
        }),
      );
      frozen.abort();
      await posting;
    }
    await ledger.clock.stop("2027-05-01T00:00:00Z");
    await ledger.report("2027-04");
    expect(await ledger.balances("2027-04")).toMatchObject({ closing: await heldNow() });
    const opened = await ledger.rows(
      `select report.month
       from balances_reports as report
       join balances_reports as before on before.month = report.month - interval '1 month'
       where (report.opening_available_minor, report.opening_reserved_minor) <>
         (before.closing_available_minor, before.closing_reserved_minor)`,
    );
    expect(opened).toEqual([]);
  }, 30_000);
});

describe("a month whose entries or revenue are damaged", () => {
  test("has no frozen balances until it is repaired, and later months do not wait for it", async () => {
    const userId = uniqueUserId();
    await ledger.clock.stop("2027-05-10T12:00:00Z");
    await ledger.postAll(deposit(userId, "2.00"));
    await ledger.clock.stop("2027-07-10T12:00:00Z");
    const set = (amountMinor: number) =>
      ledger.rows("update entries set amount_minor = $2 where user_id = $1", [userId, amountMinor]);
    const held = await heldNow();
    await set(300);
    await expect(ledger.report("2027-05")).rejects.toThrow(
      /^The closing balances of 2027-05 are .+, but its movements give/,
    );
    expect(await ledger.balances("2027-05")).toBe("unclosed");
    await ledger.report("2027-06");
    expect(await ledger.balances("2027-06")).toMatchObject({ opening: held, closing: held });
    await set(200);
    await ledger.report("2027-05");
    expect(await ledger.balances("2027-05")).toMatchObject({ deposits: "2.00", closing: held });
  });

  test("is refused where its revenue differs from a report that was frozen before", async () => {
    await ledger.clock.stop("2027-08-10T12:00:00Z");
    await ledger.closeMonth("2027-07");
    const csv = "svc;1.00\n";
    await ledger.owner.query("insert into revenue_reports values ('2027-07-01', $1, $2, 100, now())", [
      Buffer.from(csv),
      await sha256Of(Buffer.from(csv)),
    ]);
    await expect(ledger.freezeReport("2027-07")).rejects.toThrow(
      "The revenue less the refunds of 2027-07 are 0.00, but its revenue report 1.00",
    );
    await ledger.rows("delete from revenue_reports where month = '2027-07-01'");
  });
});

test("a month that was frozen before it had balances is unreported until it has them", async () => {
  const other = await createReportLedger("balances_upgrade");
  try {
    await other.clock.stop("2026-01-10T12:00:00Z");
    const serviceId = uniqueUserId("service");
    await other.earn(serviceId, "2.00");
    await other.clock.stop("2026-02-10T12:00:00Z");
    const revenue = await other.report("2026-01");
    await other.rows("delete from balances_reports");
    await other.rows("delete from order_reports");
    await other.rows("delete from report_services");
    expect(await other.findUnreported()).toEqual(["2026-01"]);
    expect(await other.balances("2026-01")).toBe("unclosed");
    expect(await other.report("2026-01")).toEqual(revenue);
    expect(await other.balances("2026-01")).toMatchObject({ status: "final", deposits: "2.00", revenue: "2.00" });
    expect(await other.findUnreported()).toEqual([]);
  } finally {
    await other.close();
  }
});

test("a month without revenue is unreported, too, from the first with entries on", async () => {
  const other = await createReportLedger("balances_unreported");
  try {
    await other.clock.stop("2026-01-10T12:00:00Z");
    await other.postAll(deposit(uniqueUserId(), "1.00"));
    await other.clock.stop("2026-03-10T12:00:00Z");
    expect(await other.findUnreported()).toEqual(["2026-01", "2026-02"]);
  } finally {
    await other.close();
  }
});
