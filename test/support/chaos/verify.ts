import type { Client } from "pg";
import { post } from "../api/client.ts";
import { audit, countOutboxRows, readLedger } from "../audit/stackAudit.ts";
import { openWebUi, type WebUi } from "../temporal/webUi.ts";
import { eventually } from "../waiting.ts";
import type { Clients } from "./clients.ts";
import { CONTRADICTIONS, COUNT_BROKEN_PROMISES, NOTE_OUTCOMES, PREPARE } from "./ledgerQueries.ts";
import type { ClientsRecord } from "./record.ts";
import { findChangedAnswers, replay } from "./replay.ts";
import type { ClientRequest } from "./requests.ts";

/** Longer than the backoff of carriers, and than the sweep's age and period. */
const REST_WITHIN_MS = 150_000;
const ROWS_A_STATEMENT = 10_000;
const BATCH = 1_000;
const SHOWN = 5;

export type Aftermath = {
  caller: string;
  users: readonly string[];
  clients: Clients;
  record: ClientsRecord;
  startedAt: Date;
};

/** Waits until the stack is idle. @returns each violation of a promise and each wrong answer */
export async function verify({ caller, users, clients, record, startedAt }: Aftermath): Promise<string[]> {
  const webUi = await openWebUi();
  try {
    return await readLedger(async (owner) => {
      const findings: string[] = [];
      await owner.query(PREPARE(caller));
      await noteUnanswered(owner, record);
      const count = await eventually(async () => (await countOf(owner, COUNT_BROKEN_PROMISES)) === 0, REST_WITHIN_MS)
        .then(() => 0)
        .catch(() => countOf(owner, COUNT_BROKEN_PROMISES));
      if (count > 0) findings.push(`${count} operations that were answered 202 are not in the ledger`);

      await owner.query(NOTE_OUTCOMES);
      const unanswered = record.unanswered.splice(0);
      findings.push(...(await replay(clients, record, unanswered)));
      findings.push(...(await releaseOpen(owner, clients, record, users)));
      findings.push(...(await awaitRest(webUi, startedAt)));
      await noteAnswered(owner, record);
      findings.push(...(await findContradictions(owner)));
      findings.push(...(await audit()), ...(await auditBySaldo()));
      findings.push(...(await findChangedAnswers(clients, record)));
      // After a finding the data is kept for analysis.
      if (findings.length === 0) await owner.query("drop schema chaos cascade");
      return findings;
    });
  } finally {
    await webUi.close();
  }
}

async function noteUnanswered(owner: Client, { unanswered }: ClientsRecord): Promise<void> {
  const rows = unanswered.flatMap(({ request, wasAccepted }) => request.keys.map((key) => ({ key, wasAccepted })));
  await owner.query("insert into chaos.unanswered select * from unnest($1::text[], $2::boolean[])", [
    rows.map(({ key }) => key),
    rows.map(({ wasAccepted }) => wasAccepted),
  ]);
}

async function noteAnswered(owner: Client, { answered, reads }: ClientsRecord): Promise<void> {
  for (let start = 0; start < answered.keys.length; start += ROWS_A_STATEMENT) {
    const piece = <Item>(all: Item[]) => all.slice(start, start + ROWS_A_STATEMENT);
    await owner.query("insert into chaos.answered select * from unnest($1::text[], $2::text[])", [
      piece(answered.keys),
      piece(answered.outcomes),
    ]);
  }
  for (let start = 0; start < reads.userIds.length; start += ROWS_A_STATEMENT) {
    const piece = <Item>(all: Item[]) => all.slice(start, start + ROWS_A_STATEMENT);
    await owner.query("insert into chaos.reads select * from unnest($1::text[], $2::bigint[], $3::text[])", [
      piece(reads.userIds),
      piece(reads.versions),
      piece(reads.balances),
    ]);
  }
}

/** Releases all open reservations. Those that expire meanwhile are settled too. */
async function releaseOpen(
  owner: Client,
  clients: Clients,
  record: ClientsRecord,
  users: readonly string[],
): Promise<string[]> {
  const findings: string[] = [];
  const { rows } = await owner.query<{ id: string }>(
    "select id from reservations where user_id = any ($1) and remaining_minor > 0",
    [users],
  );
  for (let start = 0; start < rows.length; start += BATCH) {
    const piece = rows.slice(start, start + BATCH);
    const operations = piece.map(({ id }) => ({
      kind: "release",
      reservationId: id,
      idempotencyKey: `settled/${id}`,
    }));
    const request: ClientRequest = {
      path: "/v1/batches",
      body: { operations },
      keys: operations.map(({ idempotencyKey }) => idempotencyKey),
      isBatch: true,
    };
    findings.push(...(await replay(clients, record, [{ request, wasAccepted: false }])));
  }
  return findings;
}

async function awaitRest(webUi: WebUi, startedAt: Date): Promise<string[]> {
  const since = `StartTime >= "${startedAt.toISOString()}"`;
  const running = `ExecutionStatus = "Running" and (WorkflowType = "carrier" or WorkflowType = "reservation") and ${since}`;
  const findings: string[] = [];
  const expectNone = async (finding: string, count: () => Promise<number>) => {
    const isNone = await eventually(async () => (await count()) === 0, REST_WITHIN_MS).catch(() => false);
    if (!isNone) findings.push(`${await count()} ${finding}`);
  };
  await expectNone("carriers have events that are not published", countOutboxRows);
  await expectNone("carriers and sagas have not come to their end", () => webUi.count(running));
  for (const end of ["Failed", "TimedOut", "Terminated", "Canceled"]) {
    const count = await webUi.count(`ExecutionStatus = "${end}" and ${since}`);
    if (count > 0) findings.push(`${count} workflows are ${end}`);
  }
  return findings;
}

/** Runs Saldo's own audit, which checks the cache too. */
async function auditBySaldo(): Promise<string[]> {
  const { body } = await eventually(async () => {
    const answer = await post("/v1/audits", "", { key: null, wait: 30 });
    return answer.status === 200 && answer;
  }, REST_WITHIN_MS);
  const { verdict, findings, notChecked } = body;
  return verdict === "clean"
    ? []
    : [`Saldo's audit ended with ${verdict}: ${JSON.stringify({ findings, notChecked })}`];
}

async function findContradictions(owner: Client): Promise<string[]> {
  const findings: string[] = [];
  for (const [contradiction, query] of Object.entries(CONTRADICTIONS)) {
    const { rows } = await owner.query(query);
    if (rows.length === 0) continue;
    findings.push(`${rows.length} × ${contradiction}: ${JSON.stringify(rows.slice(0, SHOWN))}`);
  }
  return findings;
}

async function countOf(owner: Client, query: string): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(query);
  return rows[0]!.count;
}
