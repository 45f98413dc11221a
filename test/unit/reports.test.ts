import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createReports } from "../../src/api/reports/service.ts";
import type { MonthReport } from "../../src/ledger/reports.ts";
import type { RevenueReport } from "../../src/ledger/revenueReport.ts";
import { drainMicrotasks } from "../support/waiting.ts";

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const month = "2026-10";
const never = () => new Promise<never>(() => {});
const unclosed = async (): Promise<MonthReport<RevenueReport>> => ({ status: "unclosed" });

/** The error for these results of ledger reads, the last one repeated. Each read takes a tenth of a second. */
async function whyNot(...looks: (() => Promise<MonthReport<RevenueReport>>)[]): Promise<unknown> {
  const reports = createReports({
    readReport: () => (looks.length > 1 ? looks.shift() : looks[0])!(),
    startReport: async () => {},
    readOrdersReport: never,
    readBalancesReport: never,
    readOrders: () => [] as never,
    currency: "RUB",
    links: { create: () => "", open: () => ({ report: "revenue", month }) },
  });
  let problem: unknown;
  const reading = reports.readRevenue(month).catch((error: unknown) => {
    problem = error;
  });
  for (let tenths = 0; tenths <= 101; tenths += 1) {
    await drainMicrotasks();
    jest.advanceTimersByTime(100);
  }
  await reading;
  return problem;
}

const STILL_BEING_CLOSED = {
  code: "ledger_unavailable",
  details: { detail: "The month is still being closed. Repeat the request." },
};

test("a month that stays open for ten seconds answers that it is still being closed", async () => {
  expect(await whyNot(unclosed)).toMatchObject(STILL_BEING_CLOSED);
});

test("the same answer follows where only the last read, begun just before the deadline, hangs", async () => {
  const looks = Array.from({ length: 95 }, () => unclosed);
  expect(await whyNot(...looks, never)).toMatchObject(STILL_BEING_CLOSED);
});

test("a ledger that no longer answers is unavailable, not closing a month", async () => {
  const problem = await whyNot(unclosed, unclosed, never);
  expect(problem).toMatchObject({ code: "ledger_unavailable" });
  expect(problem).not.toMatchObject(STILL_BEING_CLOSED);
});
