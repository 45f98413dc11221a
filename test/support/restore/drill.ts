import { createStack } from "../../../scripts/stack/stack.ts";
import { get, stack as plain, post } from "../api/client.ts";
import { audit, countOutboxRows, readLedger } from "../audit/stackAudit.ts";
import { pauseSweep } from "../saga/sweeps.ts";
import { connectOwner } from "../stack/owner.ts";
import { openWebUi, type WebUi } from "../temporal/webUi.ts";
import { awaitPending } from "../temporal/workflowView.ts";
import { eventually } from "../waiting.ts";
import { describeAudit, runAudit } from "./audits.ts";
import { ACCEPTED, BACKED_UP, describeBalances, KEPT, LOST, LOST_WITHOUT_EVENT, type Sent, send } from "./load.ts";
import { createRunner } from "./page.ts";

/** Cached balances outlive the drill, so that the audit meets them. */
const SETTINGS = { BALANCE_CACHE_TTL: "3600" };

const USERS = ["ann", "bob", "cal", "dan"];
const WITHIN_MS = 60_000;

export type Drill = Awaited<ReturnType<typeof runDrill>>;

/**
 * Backs up, loses and restores the ledger of an empty stack, by the page.
 * @returns the result of each step; `transcript` has them as text
 */
export async function runDrill() {
  const stack = createStack(plain.site.name, SETTINGS);
  await stack.reset();
  await stack.up();
  await using runner = await createRunner(stack.site, stack.environment);
  const transcript: string[] = [];
  const note = (...lines: string[]) => transcript.push(...lines);
  const webUi = await openWebUi();
  try {
    // So only a saga that was started anew can expire the reopened reservation.
    await pauseSweep(webUi.client);
    await send(BACKED_UP, webUi.client);
    {
      await using owner = await connectOwner();
      await runner.sql(owner, "alter system set archive_mode");
    }
    await stack.stop("postgres");
    await stack.start("postgres");
    {
      await using owner = await connectOwner();
      await runner.sql(owner, "select pg_backup_start");
      await runner.onServer("tar -cf");
      await runner.sql(owner, "copy (select");
    }
    note("The base backup is taken.");

    const first = await runAudit(webUi.client);
    const kept = await send(KEPT, webUi.client);
    await eventually(async () => (await countOutboxRows()) === 0, WITHIN_MS);
    const time = await readLedger(async (owner) => (await owner.query("select now()::text as time")).rows[0].time);
    note(`Kept:     ${await describeBalances(USERS)}`, `Time:     ${time}`);

    const lost = await send(LOST, webUi.client);
    note(`Lost:     ${await describeBalances(USERS)}`);
    const waiting = await loseLedger();
    await runner.onServer("tar -xf", time);
    await stack.start("kafka");
    await stack.start("postgres");
    {
      await using owner = await connectOwner();
      await runner.sql(owner, "alter system reset restore_command");
    }

    // Only a worker, so that no caller is served before the parts are brought together.
    await stack.start("worker-1");
    await awaitStored(waiting.accepted.operationId);
    const before = await runAudit(webUi.client);
    await stack.stop("worker-1");
    note(
      "The ledger is restored. An audit before the other parts are brought together:",
      ...indent(describeAudit(before)),
    );

    const outputs: string[] = [];
    for (const beginning of ["redis-cli", "bun src/commands/republish.ts", "bun src/commands/reconcile.ts"]) {
      outputs.push(await runner.asService(beginning));
    }
    note("The commands:", ...indent(outputs.flatMap((output) => output.trimEnd().split("\n"))));

    await stack.start("saldo");
    const endings = await awaitEndings(webUi, [lost["lost-reservation"]!, kept.released!]);
    note(`Restored: ${await describeBalances(USERS)}`);
    const after = await runAudit(webUi.client);
    const entries = await countEntries();
    note("An audit once the third reservation has expired:", ...indent(describeAudit(after)));

    const repeated = [...LOST.filter(({ key }) => key !== "lost-release"), LOST_WITHOUT_EVENT];
    const again = await send(repeated, webUi.client);
    note(`Repeated: ${await describeBalances(USERS)}`);
    endings.push(...(await awaitEndings(webUi, [kept.recognized!])));
    await eventually(async () => (await countOutboxRows()) === 0, WITHIN_MS);
    const last = await runAudit(webUi.client);
    note("An audit after the lost requests were repeated:", ...indent(describeAudit(last)));
    return {
      ...{ transcript, left: runner.left(), outputs, first, before, after, last, kept, lost, again, endings, entries },
      violations: await audit(),
      expired: (await get(`/v1/reservations/${kept.released!.operationId}`)).body,
      acceptedAs: (await get(`/v1/operations/${waiting.accepted.operationId}`)).body,
      withoutEventEnded: await webUi.status(waiting.withoutEvent.workflowId),
      open: await webUi.count('WorkflowType = "reservation" and ExecutionStatus = "Running"'),
    };
  } finally {
    await webUi.close();
    await stack.reset();
  }

  /** Loses Kafka, then PostgreSQL with its disk, then the service, each with work in progress. */
  async function loseLedger() {
    await stack.kill("kafka");
    const sent = await send([LOST_WITHOUT_EVENT], webUi.client);
    {
      await using owner = await connectOwner();
      // The service goes on writing, so the segment is named before it ends.
      const named = await owner.query("select pg_walfile_name(pg_current_wal_insert_lsn() - 1) as name");
      await runner.sql(owner, "select pg_switch_wal()");
      await eventually(async () => {
        const archived = "select from pg_stat_archiver where last_archived_wal >= $1";
        return (await owner.query(archived, [named.rows[0].name])).rowCount === 1;
      }, WITHIN_MS);
    }
    await stack.kill("postgres");
    await runner.loseDisk();
    const { key, path, body } = ACCEPTED;
    const { status, body: accepted } = await post(path, body, { key, isAsync: true });
    if (status !== 202) throw new Error(`It was answered ${status}: ${JSON.stringify(accepted)}`);
    await awaitPending(webUi.client.workflow.getHandle(accepted.workflowId));
    await stack.kill("saldo");
    return { withoutEvent: sent[LOST_WITHOUT_EVENT.key]!, accepted: accepted as Sent };
  }
}

async function countEntries(): Promise<number> {
  return await readLedger(async (owner) => (await owner.query("select count(*)::int from entries")).rows[0].count);
}

/** Waits until the ledger has the operation. */
async function awaitStored(operationId: string): Promise<void> {
  await eventually(
    () =>
      readLedger(
        async (owner) => (await owner.query("select from operations where id = $1", [operationId])).rowCount === 1,
      ),
    WITHIN_MS,
  );
}

/** Waits until the sagas of these reservations have ended. @returns their last status */
async function awaitEndings(webUi: WebUi, sagas: Sent[]): Promise<string[]> {
  return await Promise.all(
    sagas.map(({ workflowId }) =>
      eventually(async () => {
        const status = await webUi.status(workflowId);
        return status !== "RUNNING" && status;
      }, WITHIN_MS),
    ),
  );
}

function indent(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
