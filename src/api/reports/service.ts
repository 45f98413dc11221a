import { formatAmount } from "../../ledger/money.ts";
import type { MonthReport } from "../../ledger/revenueReport.ts";
import { pollUntil } from "../../lib/polling.ts";
import { TimeoutError, withTimeout } from "../../lib/timeout.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { Problem } from "../http/problems.ts";
import type { ReportLinks, Signed } from "./links.ts";

/** How long the first request for a month waits until the month is closed. */
const WAIT_TIMEOUT_MS = 10_000;
const POLL_EVERY_MS = 100;
const LAST_QUERY_MS = 1_000;

export type ReportsDependencies = {
  readReport(month: string): Promise<MonthReport>;
  /** Starts the workflow that closes the month. @throws where Temporal does not confirm it */
  startReport(month: string): Promise<void>;
  links: ReportLinks;
};

export type Reports = ReturnType<typeof createReports>;

type Readable = Extract<MonthReport, { status: "final" | "provisional" }>;

export function createReports({ readReport, startReport, links }: ReportsDependencies) {
  /** Reads the report from the ledger. The first request for a month that has ended waits until it is closed. */
  async function obtain(month: string): Promise<Readable> {
    const deadlineMs = Date.now() + WAIT_TIMEOUT_MS;
    let isStarted = false;
    const readable = await pollUntil(POLL_EVERY_MS, deadlineMs, async () => {
      const leftMs = deadlineMs - Date.now();
      const report = await withTimeout("The ledger", leftMs, readReport(month)).catch((cause) => {
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

  return {
    /** A month's report. @throws Problem `invalid_request`, `temporal_unavailable`, `ledger_unavailable` */
    async read(month: string) {
      const report = await obtain(month);
      return {
        month,
        status: report.status,
        url: links.create(month),
        sha256: report.status === "final" ? report.sha256 : null,
        total: formatAmount(report.totalMinor),
        generatedAt: report.generatedAt.toISOString(),
      };
    },

    /**
     * The file of a link.
     *
     * @throws Problem `link_invalid`, `link_expired`, `temporal_unavailable`, `ledger_unavailable`
     */
    async download(file: string, signed: Signed) {
      const month = links.open(file, signed);
      return { month, csv: (await obtain(month)).csv };
    },
  };
}

function stillBeingClosed(): Problem {
  return new Problem("ledger_unavailable", { detail: "The month is still being closed. Repeat the request." });
}
