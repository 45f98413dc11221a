import type { Client } from "@temporalio/client";
import { formatAmount } from "../../ledger/money.ts";
import type { StuckWorkStore } from "../../postgres/reading/stuckWork.ts";
import { explainWorkflow, findWaitingCarriers } from "../../temporal/waitingWorkflows.ts";

/** Lines for the terminal, and whether something among them is stuck. */
export type Report = { isStuck: boolean; lines: string[] };

/** A carrier ends within about a second. */
const CARRIER_SECONDS = 10;
/** The sweep publishes events and expires reservations within a minute. */
const SWEPT_SECONDS = 60;
/** Audits are hourly. */
const AUDIT_SECONDS = 7_200;
/** The oldest carriers, reservations and findings that are listed; all are counted. */
const LISTED_MAX = 10;

const AGES_SECONDS = [SWEPT_SECONDS, 600, 3_600];

/** Describes the carriers that wait for PostgreSQL or Kafka. */
export async function describeWaiting(client: Client): Promise<Report> {
  const { count, carriers } = await findWaitingCarriers(client, CARRIER_SECONDS, LISTED_MAX);
  const listed = carriers.map(
    ({ workflowId, startedAt, reason }) => `  ${workflowId}  since ${startedAt.toISOString()}  ${reason}`,
  );
  return { isStuck: count > 0, lines: [`Carriers that run longer than ${CARRIER_SECONDS} s: ${count}`, ...listed] };
}

/** Describes the outbox, the overdue reservations and the last audit. */
export async function describeLedger(ledger: StuckWorkStore, temporal: () => Promise<Client>): Promise<Report> {
  const explain = async (workflowId: string) => {
    const client = await temporal().catch(() => undefined);
    return client ? await explainWorkflow(client, workflowId).catch(() => "unknown") : "unknown";
  };
  const parts = [
    await describeOutbox(ledger, explain),
    await describeOverdue(ledger, explain),
    await describeAudit(ledger),
  ];
  return { isStuck: parts.some(({ isStuck }) => isStuck), lines: parts.flatMap(({ lines }) => lines) };
}

type Explain = (workflowId: string) => Promise<string>;

async function describeOutbox(ledger: StuckWorkStore, explain: Explain): Promise<Report> {
  const { outboxCarriers, outboxAgeSeconds } = await ledger.readBacklog();
  const counts = await ledger.countOutboxByAge(AGES_SECONDS);
  const byAge = AGES_SECONDS.map((seconds, index) => `${counts[index]} older than ${formatAge(seconds)}`);
  const oldest = (await ledger.listOutboxCarriers(LISTED_MAX)).filter(({ ageSeconds }) => ageSeconds > SWEPT_SECONDS);
  const listed = await Promise.all(
    oldest.map(async ({ workflowId, operations, ageSeconds }) => {
      const why = await explain(workflowId);
      return `  ${workflowId}  for ${formatAge(ageSeconds)}  ${operations} operations  ${why}`;
    }),
  );
  return {
    isStuck: outboxAgeSeconds > SWEPT_SECONDS,
    lines: [`Carriers with events in the outbox: ${outboxCarriers} (${byAge.join(", ")})`, ...listed],
  };
}

async function describeOverdue(ledger: StuckWorkStore, explain: Explain): Promise<Report> {
  const overdue = await ledger.listOverdue(SWEPT_SECONDS, LISTED_MAX);
  const { overdueReservations } = await ledger.readBacklog();
  const listed = await Promise.all(
    overdue.map(async ({ reservationId, userId, orderId, remainingMinor, overdueSeconds, sagaWorkflowId }) => {
      const about = `user ${userId}, order ${orderId}, ${formatAmount(remainingMinor)}`;
      const saga = `saga ${sagaWorkflowId}: ${await explain(sagaWorkflowId)}`;
      return `  ${reservationId}  for ${formatAge(overdueSeconds)}  ${about}, ${saga}`;
    }),
  );
  return { isStuck: overdue.length > 0, lines: [`Overdue reservations: ${overdueReservations}`, ...listed] };
}

async function describeAudit(ledger: StuckWorkStore): Promise<Report> {
  const { audit } = await ledger.readBacklog();
  if (!audit) return { isStuck: false, lines: ["Last audit: none yet"] };
  const { verdict, findings, ageSeconds } = audit;
  const found = findings > 0 ? ((await ledger.readLatestAudit())?.findings ?? []).slice(0, LISTED_MAX) : [];
  return {
    isStuck: verdict === "broken" || ageSeconds > AUDIT_SECONDS,
    lines: [
      `Last audit: ${verdict}, ${findings} findings, ${formatAge(ageSeconds)} ago`,
      ...found.map(({ promise, sentence }) => `  promise ${promise}: ${sentence}`),
    ],
  };
}

/** "45 s", "12 min", "3 h 5 min" */
function formatAge(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ""}`;
}
