import type { Client } from "@temporalio/client";
import type { Audit } from "../../../src/ledger/audits.ts";
import type { audit } from "../../../src/workflows/audit.ts";
import { AUDIT_WORKFLOW_ID, TASK_QUEUE } from "../../../src/workflows/contract.ts";
import { readLedger } from "../audit/stackAudit.ts";

/** Runs an audit and reads its result from the ledger. Needs a worker only. */
export async function runAudit({ workflow }: Client): Promise<Pick<Audit, "verdict" | "findings" | "checked">> {
  await workflow.execute<typeof audit>("audit", { workflowId: AUDIT_WORKFLOW_ID, taskQueue: TASK_QUEUE });
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      "select verdict, findings, checked from audits order by finished_at desc limit 1",
    );
    return rows[0];
  });
}

/** The verdict, and a line for each finding, sorted. No counts, since a duplicate event counts twice. */
export function describeAudit({ verdict, findings, checked }: Awaited<ReturnType<typeof runAudit>>): string[] {
  const lines = new Set(findings.map(({ promise, sentence }) => `  promise ${promise}: ${sentence}`));
  const foreign = (checked.foreignEvents ?? 0) > 0 ? ", with foreignEvents" : "";
  return [`${verdict}${foreign}`, ...[...lines].toSorted((a, b) => (a < b ? -1 : 1))];
}
