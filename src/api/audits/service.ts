import type { Audit } from "../../ledger/audits.ts";
import { pollUntil } from "../../lib/polling.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import { LATEST_AUDIT_PATH } from "./model.ts";

const POLL_EVERY_MS = 200;

/** Ample: an audit ends some milliseconds after its result is stored. */
const END_TIMEOUT_MS = 5_000;

export type AuditsDependencies = {
  /** Starts an audit, or joins the running one. @throws where Temporal does not confirm it */
  startAudit(): Promise<{ auditId: string; workflowId: string }>;
  readLatestAudit(): Promise<Audit | undefined>;
  findAudit(auditId: string): Promise<Audit | undefined>;
  temporalLink(workflowId: string): string;
};

export type Audits = ReturnType<typeof createAudits>;

export function createAudits({ startAudit, readLatestAudit, findAudit, temporalLink }: AuditsDependencies) {
  const links = (workflowId: string) => ({ audit: LATEST_AUDIT_PATH, temporal: temporalLink(workflowId) });
  const show = (audit: Audit) => ({ ...audit, status: "finished" as const, links: links(audit.workflowId) });

  /**
   * Starts an audit, or joins the running one.
   *
   * An audit whose result is stored is about to end, and describes an earlier state. So the next one is awaited.
   */
  async function startOrJoin() {
    let running: Awaited<ReturnType<typeof startAudit>> | undefined;
    await pollUntil(POLL_EVERY_MS, Date.now() + END_TIMEOUT_MS, async () => {
      running = await startAudit().catch((cause: unknown) => {
        throw new Problem("temporal_unavailable", { cause, detail: "No audit was started. Repeat the request." });
      });
      const isOver = await findAudit(running.auditId).catch(() => undefined);
      return isOver ? undefined : running;
    });
    return running!;
  }

  /** Polls for the result of an audit. Undefined at the caller's deadline, also where the ledger cannot be read. */
  const awaitAudit = (auditId: string, waitSeconds: number) =>
    pollUntil(POLL_EVERY_MS, Date.now() + waitSeconds * 1_000, () => findAudit(auditId).catch(() => undefined));

  return {
    /** Runs an audit, and waits up to `waitSeconds` for its result. @throws Problem `temporal_unavailable` */
    async run(waitSeconds: number) {
      const { auditId, workflowId } = await startOrJoin();
      const audit = waitSeconds ? await awaitAudit(auditId, waitSeconds) : undefined;
      return audit ? show(audit) : { auditId, workflowId, status: "running" as const, links: links(workflowId) };
    },

    /** The last finished audit. @throws Problem `audit_unknown`, `ledger_unavailable` */
    async readLatest() {
      const audit = await orUnavailable(readLatestAudit());
      if (!audit) throw new Problem("audit_unknown");
      return show(audit);
    },
  };
}
