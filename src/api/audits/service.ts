import { setTimeout as sleep } from "node:timers/promises";
import type { Audit } from "../../ledger/audits.ts";
import { orUnavailable } from "../http/ledgerReading.ts";
import { Problem } from "../http/problems.ts";

const LOOK_EVERY_MS = 200;

/** An audit ends some milliseconds after its result is kept. */
const END_PATIENCE_MS = 5_000;

export type AuditsDependencies = {
  /** Starts an audit, or joins the one that is under way. @throws where Temporal does not say that it runs. */
  startAudit(): Promise<{ auditId: string; workflowId: string }>;
  readLatestAudit(): Promise<Audit | undefined>;
  findAudit(auditId: string): Promise<Audit | undefined>;
  temporalLink(workflowId: string): string;
};

export type Audits = ReturnType<typeof createAudits>;

export function createAudits({ startAudit, readLatestAudit, findAudit, temporalLink }: AuditsDependencies) {
  const links = (workflowId: string) => ({ audit: LATEST_AUDIT_PATH, temporal: temporalLink(workflowId) });
  const show = (audit: Audit) => ({ ...audit, status: "finished" as const, links: links(audit.workflowId) });

  /** Starts or joins one; but not one whose result is kept already: it is over but for its end, and tells nothing of now. */
  async function startOrJoin() {
    const endsAtMs = Date.now() + END_PATIENCE_MS;
    for (;;) {
      const running = await startAudit().catch((cause: unknown) => {
        throw new Problem("temporal_unavailable", { cause, detail: "No audit was started: ask again." });
      });
      const isOver = await findAudit(running.auditId).catch(() => undefined);
      if (!isOver || Date.now() > endsAtMs) return running;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** The audit once it is in the ledger; undefined where that takes longer than the caller waits, or the ledger does not say. */
  async function awaitAudit(auditId: string, waitSeconds: number): Promise<Audit | undefined> {
    const endsAtMs = Date.now() + waitSeconds * 1_000;
    for (;;) {
      const audit = await findAudit(auditId).catch(() => undefined);
      if (audit || Date.now() + LOOK_EVERY_MS > endsAtMs) return audit;
      await sleep(LOOK_EVERY_MS);
    }
  }

  return {
    /** Runs an audit, and waits for it as long as the caller will. @throws Problem `temporal_unavailable` */
    async run(waitSeconds: number | undefined) {
      const { auditId, workflowId } = await startOrJoin();
      const audit = waitSeconds ? await awaitAudit(auditId, waitSeconds) : undefined;
      return audit ? show(audit) : { auditId, workflowId, status: "running" as const, links: links(workflowId) };
    },

    /** The audit that ended last. @throws Problem `audit_unknown`, `ledger_unavailable` */
    async readLatest() {
      const audit = await orUnavailable(readLatestAudit());
      if (!audit) throw new Problem("audit_unknown");
      return show(audit);
    },
  };
}

export const LATEST_AUDIT_PATH = "/v1/audits/latest";
