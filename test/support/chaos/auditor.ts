import { setTimeout as sleep } from "node:timers/promises";
import type { ClientsRecord } from "./record.ts";

const EVERY_MS = 20_000;
/** Longer than an audit that waits for a store. The next request joins an audit that still runs. */
const TIMEOUT_MS = 35_000;

/**
 * Requests audits while parts of the stack fail, until `signal` is aborted.
 *
 * An audit may be incomplete or unanswered, but none may have findings, since the books are consistent.
 */
export async function auditUnderFaults(
  origins: () => readonly string[],
  token: string,
  record: ClientsRecord,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    const all = origins();
    const verdict = signal.aborted ? undefined : await audit(all[turn % all.length]!, token, record);
    if (verdict) record.noteAudit(verdict);
  }
}

/** @returns undefined where the audit gave no verdict */
async function audit(origin: string, token: string, record: ClientsRecord): Promise<string | undefined> {
  try {
    const response = await fetch(`${origin}/v1/audits`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, prefer: "wait=30" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json()) as { verdict?: string; findings?: unknown };
    if (body.verdict === "broken") {
      record.noteUnexpected(`An audit during a fault found differences: ${JSON.stringify(body.findings)}`);
    }
    return body.verdict;
  } catch {
    return undefined;
  }
}
