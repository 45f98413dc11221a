import type { Owed } from "../../../src/ledger/balancesReport.ts";
import { formatAmount } from "../../../src/ledger/money.ts";
import { createMonthOf } from "../../../src/ledger/months.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { eventually } from "../waiting.ts";
import { type Hold, hold } from "./barrier.ts";
import { installClock } from "./databaseClock.ts";
import { createReservationLedger } from "./reservationLedger.ts";
import { recognition, refund } from "./reservationOperations.ts";
import { openLedger } from "./testLedger.ts";

/** Inserting an outbox row waits for the advisory lock of its workflow id. */
const MAKE_OUTBOX_HOLDABLE = `
  create function await_hold() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(hashtextextended(new.workflow_id, 0)); return new; end';
  create trigger await_hold after insert on outbox for each row execute function await_hold()`;
const HOLD_OUTBOX_ROW = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

export type ReportLedger = Awaited<ReturnType<typeof createReportLedger>>;

/** A ledger on a new database with a controllable clock and helpers for revenue reports. */
export async function createReportLedger(database: string) {
  const ledger = await createReservationLedger(database);
  const clock = await installClock(ledger);
  await ledger.owner.query(MAKE_OUTBOX_HOLDABLE);
  const replicas: ReturnType<typeof openLedger>[] = [];
  const { rows } = ledger;

  /** Reserves money for the service, to be recognized as revenue. */
  async function reserveFor(serviceId: string, amount: string): Promise<string> {
    const { userId } = await ledger.fundedOrder(amount);
    return await ledger.reserve({ userId, serviceId, orderId: "order" }, amount);
  }

  /** Resolves as soon as a transaction waits for a lock of this holder. */
  async function awaitBlocked({ pid }: Hold): Promise<void> {
    await eventually(async () => {
      const waiting = await rows("select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))", [pid]);
      return waiting.length === 1;
    }, 2_000);
  }

  /** A posting that is written but not committed until released or the block ends. */
  async function holdPosting(operation: Operation) {
    const workflowId = `held-${operation.operationId}`;
    // The outbox row is the last row that a posting writes.
    const holder = await hold(ledger, (client) => client.query(HOLD_OUTBOX_ROW, [workflowId]));
    const posting = ledger.post(workflowId, [operation]);
    await awaitBlocked(holder);
    return {
      async commit(): Promise<string> {
        await holder.rollback();
        const { outcomes } = await posting;
        return outcomes[0]!.status;
      },
      [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
    };
  }

  return {
    ...ledger,
    clock,
    awaitBlocked,
    holdPosting,

    /** Opens another process's pool on the same database. It closes with the ledger. */
    openReplica(timeZone = "Europe/Moscow") {
      const replica = openLedger(ledger.databaseUrl, { ...ledger.options, monthOf: createMonthOf(timeZone) });
      replicas.push(replica);
      return replica;
    },

    /** Earns the service this amount, now. @returns the recognition's id */
    async earn(serviceId: string, amount: string, post = ledger.post): Promise<string> {
      const operation = recognition({ reservationId: await reserveFor(serviceId, amount) });
      const [outcome] = (await post(`recognition-${operation.operationId}`, [operation])).outcomes;
      if (outcome?.status !== "completed") throw new Error(`Not recognized: ${JSON.stringify(outcome)}`);
      return operation.operationId;
    },

    /** Refunds this amount of the recognition, now. */
    async giveBack(recognitionId: string, amount: string): Promise<void> {
      const outcome = await ledger.postOne(refund(recognitionId, amount));
      if (outcome.status !== "completed") throw new Error(`Not refunded: ${JSON.stringify(outcome)}`);
    },

    async name(serviceId: string, name: string): Promise<void> {
      await rows(
        "insert into services (service_id, name) values ($1, $2) on conflict (service_id) do update set name = $2",
        [serviceId, name],
      );
    },

    /** Revenue of the service by month, one line per row: "2026-10 150.00". */
    async bookedFor(serviceId: string): Promise<string[]> {
      const found = await rows<{ month: string; amount_minor: bigint }>(
        "select to_char(month, 'YYYY-MM') as month, amount_minor from revenue where service_id = $1 order by month, amount_minor desc",
        [serviceId],
      );
      return found.map((row) => `${row.month} ${formatAmount(row.amount_minor)}`);
    },

    /** Closes the month and freezes its report. */
    async report(month: string): Promise<{ csv: string; total: string; sha256: string; generatedAt: string }> {
      await ledger.closeMonth(month);
      return summarizeReport(await ledger.freezeReport(month));
    },

    /** A recognition that is written but not committed until released or the block ends. */
    async holdRecognition(serviceId: string, amount: string) {
      return await holdPosting(recognition({ reservationId: await reserveFor(serviceId, amount) }));
    },

    /** The file of the month's orders. */
    async readOrdersFile(month: string, isFinal: boolean): Promise<string> {
      const pieces: Uint8Array[] = [];
      for await (const { csv } of ledger.readOrders(month, isFinal)) pieces.push(csv);
      return Buffer.concat(pieces).toString("utf8");
    },

    /** The month's balances as text, available before reserved. Its status where they cannot be read. */
    async balances(month: string) {
      const report = await ledger.readBalancesReport(month);
      if (report.status === "future" || report.status === "unclosed") return report.status;
      const owed = ({ availableMinor, reservedMinor }: Owed) =>
        `${formatAmount(availableMinor)} ${formatAmount(reservedMinor)}`;
      return {
        status: report.status,
        opening: owed(report.opening),
        deposits: formatAmount(report.depositsMinor),
        withdrawals: formatAmount(report.withdrawalsMinor),
        revenue: formatAmount(report.revenueMinor),
        refunds: formatAmount(report.refundsMinor),
        closing: owed(report.closing),
      };
    },

    async close(): Promise<void> {
      await Promise.all(replicas.map((replica) => replica.close()));
      await ledger.close();
    },
  };
}

/** A report in the form that tests compare. */
export function summarizeReport(report: { csv: Uint8Array; totalMinor: bigint; sha256: string; generatedAt: Date }) {
  return {
    csv: Buffer.from(report.csv).toString("utf8"),
    total: formatAmount(report.totalMinor),
    sha256: report.sha256,
    generatedAt: report.generatedAt.toISOString(),
  };
}
