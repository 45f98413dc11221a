import type { Client } from "@temporalio/client";
import { type Config, ConfigError, loadConfig } from "../config.ts";
import { toLine } from "../lib/lines.ts";
import { withTimeout } from "../lib/timeout.ts";
import { createLog } from "../observability/log.ts";
import { createDatabase } from "../postgres/database.ts";
import { createPool } from "../postgres/pool.ts";
import { createStuckWorkStore } from "../postgres/reading/stuckWork.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { installTemporalRuntime } from "../temporal/runtime.ts";
import { describeLedger, describeWaiting, type Report } from "./status/report.ts";

/** Timeout of each part. A part that is away is one line of the report. */
const PART_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** Prints stuck work with its age and reason. @returns the exit code: 0 where nothing is stuck, else 1 */
async function runStatus(config: Config): Promise<number> {
  const client = await openTemporal(config);
  const ledger = createStuckWorkStore(createPool(createDatabase(config.database), "status", 2));
  const reports = await Promise.all([
    report("Temporal", async () => describeWaiting(await client())),
    report("PostgreSQL", () => describeLedger(ledger, client)),
  ]);
  for (const line of reports.flatMap(({ lines }) => lines)) process.stdout.write(`${line}\n`);
  return reports.some(({ isStuck }) => isStuck) ? 1 : 0;
}

async function report(part: string, read: () => Promise<Report>): Promise<Report> {
  try {
    return await withTimeout(part, PART_TIMEOUT_MS, read());
  } catch (error) {
    return { isStuck: true, lines: [`${part} is away: ${toLine(error)}`] };
  }
}

/** Returns a function that awaits the connection, and rejects where there is none in time. */
async function openTemporal({ temporal }: Config): Promise<() => Promise<Client>> {
  const silent = createLog({ logLevel: "silent", role: "status" });
  await installTemporalRuntime(silent);
  const { connected } = connectTemporal(temporal, () => {});
  const inTime = withTimeout(`Temporal ${temporal.address}`, CONNECT_TIMEOUT_MS, connected);
  inTime.catch(() => {});
  return async () => (await inTime).client;
}

try {
  // Ends the process in any case: an unreachable Temporal is retried without an end.
  process.exit(await runStatus(loadConfig(process.env)));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
