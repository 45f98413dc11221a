import { type RetryPolicy, WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import {
  log,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from "@temporalio/workflow";
import type { Activities } from "../activities/index.ts";
import {
  type Audit,
  type AuditPart,
  type ExternalStore,
  joinParts,
  LEDGER_CHECKS,
  NOTHING_CHECKED,
  type Walks,
} from "../ledger/audits.ts";
import { AUDIT_SUMMARY, AUDIT_WORKFLOW_ID, EVENTS_TASK_QUEUE } from "./contract.ts";

/** Unlimited retries. A lasting error, such as a database that is down, shows in the Web UI. */
const retry: RetryPolicy = { initialInterval: "1 second", maximumInterval: "60 seconds" };

/** Far above ten million rows on a slow machine. A heartbeat follows each piece, which takes at most a minute. */
const long = { startToCloseTimeout: "6 hours", heartbeatTimeout: "2 minutes" } as const;

const { auditLedger } = proxyActivities<Activities>({ ...long, retry });

const { recordAudit } = proxyActivities<Activities>({ startToCloseTimeout: "90 seconds", retry });

/**
 * An outage of another store does not block the audit. It reports the store as not checked, and the next audit follows
 * within an hour.
 */
const threeTimes: RetryPolicy = { ...retry, maximumAttempts: 3 };

const { auditCache } = proxyActivities<Activities>({ ...long, retry: threeTimes });

const { auditEvents } = proxyActivities<Activities>({
  ...long,
  taskQueue: EVENTS_TASK_QUEUE,
  scheduleToStartTimeout: "2 minutes",
  retry: threeTimes,
});

/**
 * Checks the promises (docs/reference/promises.md). First the ledger, one check after the other, then the cache and the
 * events against it. Findings are stored and logged; they are not a failure of this workflow.
 */
export async function audit(): Promise<Pick<Audit, "verdict" | "findingsTotal">> {
  const { runId: auditId, workflowId, startTime } = workflowInfo();
  let found = NOTHING_CHECKED;
  const notChecked: ExternalStore[] = [];
  const add = (part: AuditPart) => {
    found = joinParts(found, part);
    setCurrentDetails(describeProgress(found, notChecked));
  };
  const pass = (part: ExternalStore) => (error: unknown) => {
    log.warn("A part of the audit could not be done; the next audit tries again", { part, error });
    notChecked.push(part);
    return undefined;
  };

  const walks: Walks = {};
  for (const check of LEDGER_CHECKS) {
    const { walk, ...part } = await auditLedger(check);
    add(part);
    if (walk) walks[check] = walk;
  }
  add((await auditCache().catch(pass("cache"))) ?? NOTHING_CHECKED);
  const events = await auditEvents().catch(pass("events"));
  if (events) add({ checked: events.checked, findings: events.findings, findingsTotal: events.findingsTotal });

  const result = await recordAudit({
    ...found,
    auditId,
    workflowId,
    startedAt: startTime.toISOString(),
    notChecked,
    watermark: events?.watermark ?? null,
    walks,
  });
  setCurrentDetails(`${result.verdict}. ${describeProgress(found, notChecked)}`);
  return result;
}

/** The schedule's workflow. Starts an audit unless one is running, and does not wait for it. */
export async function audits(): Promise<void> {
  try {
    await startChild(audit, {
      workflowId: AUDIT_WORKFLOW_ID,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: AUDIT_SUMMARY,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info("An audit is already running");
  }
}

/** Details for the Web UI: the progress, and the first findings. */
function describeProgress({ checked, findings, findingsTotal }: AuditPart, notChecked: readonly string[]): string {
  const counts = Object.entries(checked).map(([name, count]) => `${count} ${name}`);
  return [
    `Checked: ${counts.join(", ")}.`,
    ...(notChecked.length > 0 ? [`Not checked: ${notChecked.join(", ")}.`] : []),
    `Findings: ${findingsTotal}.`,
    ...findings.slice(0, 10).map(({ promise, sentence }) => `${promise}: ${sentence}`),
  ].join("\n\n");
}
