import { createHash } from "node:crypto";
import { type BalancesReport, type Owed, totalOf } from "../../ledger/balancesReport.ts";
import { formatAmount } from "../../ledger/money.ts";
import type { MonthReport, Total } from "../../ledger/reports.ts";
import type { RevenueReport } from "../../ledger/revenueReport.ts";
import { pollUntil } from "../../lib/polling.ts";
import { TimeoutError, withTimeout } from "../../lib/timeout.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { Problem } from "../http/problems.ts";
import type { ReportFile, ReportLinks, Signed } from "./links.ts";

/** How long the first request for a month waits until the month is closed. */
const WAIT_TIMEOUT_MS = 10_000;
const POLL_EVERY_MS = 100;
const LAST_QUERY_MS = 1_000;

type Read<Report> = (month: string) => Promise<MonthReport<Report>>;
type Readable<Report> = Extract<MonthReport<Report>, { status: "final" | "provisional" }>;

export type ReportsDependencies = {
  readReport: Read<RevenueReport>;
  readOrdersReport: Read<Total>;
  readBalancesReport: Read<BalancesReport>;
  /** The file of a month's orders, in pieces. */
  readOrders(month: string, isFinal: boolean): AsyncIterable<{ csv: Uint8Array }>;
  currency: string;
  /** Starts the workflow that closes the month. @throws where Temporal does not confirm it */
  startReport(month: string): Promise<void>;
  links: ReportLinks;
};

export type Reports = ReturnType<typeof createReports>;

export function createReports(dependencies: ReportsDependencies) {
  const { readReport, readOrdersReport, readBalancesReport, readOrders, currency, startReport, links } = dependencies;

  /** Reads a report from the ledger. The first request for a month that has ended waits until it is closed. */
  async function obtain<Report>(month: string, read: Read<Report>): Promise<Readable<Report>> {
    const deadlineMs = Date.now() + WAIT_TIMEOUT_MS;
    let isStarted = false;
    const readable = await pollUntil(POLL_EVERY_MS, deadlineMs, async () => {
      const leftMs = deadlineMs - Date.now();
      const report = await withTimeout("The ledger", leftMs, read(month)).catch((cause) => {
        // The last query may start shortly before the deadline. Its timeout is no proof that the ledger is down.
        if (cause instanceof TimeoutError && leftMs < LAST_QUERY_MS) throw stillBeingClosed();
        throw new Problem("ledger_unavailable", { cause });
      });
      if (report.status === "future") {
        throw invalidRequest([{ field: "month", message: "must not be in the future" }]);
      }
      if (report.status !== "unclosed") return report;
      if (!isStarted) await start(month);
      isStarted = true;
      return undefined;
    });
    if (!readable) throw stillBeingClosed();
    return readable;
  }

  async function start(month: string): Promise<void> {
    try {
      await startReport(month);
    } catch (cause) {
      throw new Problem("temporal_unavailable", {
        cause,
        detail: "The month is not closed yet, and cannot be closed now.",
      });
    }
  }

  /** The fields that all reports have. */
  function toAnswer(file: ReportFile, report: Readable<{ generatedAt: Date }>) {
    return {
      month: file.month,
      status: report.status,
      url: links.create(file),
      sha256: report.status === "final" ? report.sha256 : null,
      generatedAt: report.generatedAt.toISOString(),
    };
  }

  /** The orders, whose lines are read again. The file of a closed month must have its hash. */
  async function* writeOrders(month: string, report: Readable<Total>): AsyncGenerator<Uint8Array, void> {
    const hash = createHash("sha256");
    for await (const { csv } of readOrders(month, report.status === "final")) {
      hash.update(csv);
      yield csv;
    }
    if (report.status === "final" && hash.digest("hex") !== report.sha256) {
      throw new Error(`The orders of ${month} do not have their SHA-256`);
    }
  }

  async function open({ report, month }: ReportFile): Promise<Uint8Array | AsyncGenerator<Uint8Array>> {
    switch (report) {
      case "revenue":
        return (await obtain(month, readReport)).csv;
      case "balances":
        return (await obtain(month, readBalancesReport)).csv;
      case "orders":
        return writeOrders(month, await obtain(month, readOrdersReport));
    }
  }

  return {
    /**
     * A month's revenue, its file by service or by order.
     *
     * @throws Problem `invalid_request`, `temporal_unavailable`, `ledger_unavailable`
     */
    async readRevenue(month: string, detail?: "orders") {
      const report = await obtain<Total>(month, detail ? readOrdersReport : readReport);
      return { ...toAnswer({ report: detail ?? "revenue", month }, report), total: formatAmount(report.totalMinor) };
    },

    /** The money owed to users before and after a month. @throws Problem as `readRevenue` */
    async readBalances(month: string) {
      const report = await obtain(month, readBalancesReport);
      return {
        ...toAnswer({ report: "balances", month }, report),
        currency,
        opening: toOwed(report.opening),
        deposits: formatAmount(report.depositsMinor),
        withdrawals: formatAmount(report.withdrawalsMinor),
        revenue: formatAmount(report.revenueMinor),
        refunds: formatAmount(report.refundsMinor),
        closing: toOwed(report.closing),
      };
    },

    /**
     * The file of a link.
     *
     * @throws Problem `link_invalid`, `link_expired`, `temporal_unavailable`, `ledger_unavailable`
     */
    async download(path: string, signed: Signed) {
      const file = links.open(path, signed);
      return { name: `${file.report}-${file.month}.csv`, body: await open(file) };
    },
  };
}

function toOwed(owed: Owed) {
  return {
    available: formatAmount(owed.availableMinor),
    reserved: formatAmount(owed.reservedMinor),
    total: formatAmount(totalOf(owed)),
  };
}

function stillBeingClosed(): Problem {
  return new Problem("ledger_unavailable", { detail: "The month is still being closed. Repeat the request." });
}
