import { setTimeout as sleep } from "node:timers/promises";
import type { ClientsRecord } from "./record.ts";

const EVERY_MS = 20_000;
/** An audit that a part's outage holds up is joined by the next one that asks. */
const TIMEOUT_MS = 35_000;

/**
 * Asks Saldo for audits while everything under it fails: one may be incomplete, or never be answered, but none may find anything, since nothing
 * is broken. Resolves once `signal` is aborted.
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

/** @returns undefined where there was no verdict. */
async function audit(origin: string, token: string, record: ClientsRecord): Promise<string | undefined> {
  try {
    const response = await fetch(`${origin}/v1/audits`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, prefer: "wait=30" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json()) as { verdict?: string; findings?: unknown };
    if (body.verdict === "broken") {
      record.noteUnexpected(`An audit while parts failed cried wolf: ${JSON.stringify(body.findings)}`);
    }
    return body.verdict;
  } catch {
    return undefined;
  }
}
