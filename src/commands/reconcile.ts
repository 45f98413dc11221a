import { ConfigError, loadConfig } from "../config.ts";
import { toLine } from "../lib/lines.ts";
import { withTimeout } from "../lib/timeout.ts";
import { createConnectionLogs } from "../observability/connectionLog.ts";
import { createLog } from "../observability/log.ts";
import { createDatabase } from "../postgres/database.ts";
import { createPool } from "../postgres/pool.ts";
import { type OpenSaga, readOpenSagas } from "../postgres/reading/openSagas.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { listRunningSagas, startSagaAnew, wakeSaga } from "../temporal/sagas.ts";

export type ReconcilePorts = {
  listRunningSagas(): Promise<Set<string>>;
  /** Reads the next page of sagas with open reservations. The last page is empty. */
  readOpenSagas(after: string): Promise<OpenSaga[]>;
  /** @returns false where the saga is running already */
  startSaga(saga: OpenSaga): Promise<boolean>;
  /** Signals the saga to read the ledger. It ends where it has posted and nothing is open. */
  wakeSaga(workflowId: string): Promise<void>;
};

/** Sagas with open reservations, running or started, and woken sagas without any. */
export type Reconciled = { running: number; started: number; woken: number };

/** Requests to Temporal at a time. */
const TOGETHER = 50;

/**
 * Brings the sagas in Temporal together with the ledger.
 *
 * Each open reservation gets a running saga. A running saga without an open reservation is woken, and ends by itself.
 * One that has not posted yet posts first: its operations were accepted. Idempotent, and safe while the service runs.
 */
export async function reconcile({
  listRunningSagas,
  readOpenSagas,
  startSaga,
  wakeSaga,
}: ReconcilePorts): Promise<Reconciled> {
  const withoutOpen = await listRunningSagas();
  let [running, started] = [0, 0];
  let after = "";
  for (let page = await readOpenSagas(after); page.length > 0; page = await readOpenSagas(after)) {
    const missing = page.filter(({ workflowId }) => !withoutOpen.delete(workflowId));
    const fresh = (await inTurns(missing, startSaga)).filter(Boolean).length;
    started += fresh;
    running += page.length - fresh;
    after = page.at(-1)!.workflowId;
  }
  await inTurns([...withoutOpen], wakeSaga);
  return { running, started, woken: withoutOpen.size };
}

async function inTurns<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += TOGETHER) {
    results.push(...(await Promise.all(items.slice(start, start + TOGETHER).map(work))));
  }
  return results;
}

/** Without it the command would wait for Temporal without an end. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The sender of the signals, shown in the Web UI. */
const SENDER = "reconcile";

/** Runs the command on the ledger and Temporal of this environment. @returns its exit code: 1 where it broke off */
export async function runReconcile(environment: Record<string, string | undefined>): Promise<number> {
  const config = loadConfig(environment);
  const log = createLog({ logLevel: config.logLevel, role: SENDER });
  const pool = createPool(createDatabase(config.database), SENDER, 1);
  const temporal = connectTemporal(config.temporal, createConnectionLogs(config, log).temporal);
  try {
    const { client } = await withTimeout(
      `The connection to Temporal ${config.temporal.address}`,
      CONNECT_TIMEOUT_MS,
      temporal.connected,
    );
    const { running, started, woken } = await reconcile({
      listRunningSagas: () => listRunningSagas(client),
      readOpenSagas: (after) => readOpenSagas(pool, after),
      startSaga: (saga) => startSagaAnew(client, saga.workflowId, saga),
      wakeSaga: (workflowId) => wakeSaga(client, workflowId, SENDER),
    });
    process.stdout.write(
      `Sagas with open reservations: ${running} running, ${started} started anew.\n` +
        `Running sagas without an open reservation: ${woken} woken.\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`The command broke off: ${toLine(error)}. Run it again.\n`);
    return 1;
  } finally {
    await temporal.close();
    await pool.end();
  }
}

if (import.meta.main) {
  try {
    // Ends the process in any case: an attempt to connect may still be under way.
    process.exit(await runReconcile(process.env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
