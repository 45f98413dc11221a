import type { Client } from "@temporalio/client";
import type { audit } from "../workflows/audit.ts";
import { AUDIT_SUMMARY, AUDIT_WORKFLOW_ID } from "../workflows/contract.ts";
import { startOrJoin } from "./startOrJoin.ts";

/** An audit that is under way. */
export type RunningAudit = { auditId: string; workflowId: string };

/** Starts an audit, or joins the one that is under way. @throws as `startOrJoin` does. */
export async function startAudit(client: Client | undefined): Promise<RunningAudit> {
  const auditId = await startOrJoin<typeof audit>(client, "audit", {
    workflowId: AUDIT_WORKFLOW_ID,
    args: [],
    staticSummary: AUDIT_SUMMARY,
  });
  return { auditId, workflowId: AUDIT_WORKFLOW_ID };
}
