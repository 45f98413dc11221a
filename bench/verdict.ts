import { type Audit, type Delays, openAudit } from "./audit.ts";
import type { Answered, Measurement } from "./slot.ts";
import { readTopic } from "./topic.ts";
import type { Fleet } from "./variants.ts";

/** Audits the ledgers that were written to, and the topic against Saldo's; tells of each slot how long decisions and events took. */
export async function auditFleet(
  fleet: Fleet,
  measurements: Measurement[],
  answered: Answered,
): Promise<{ audits: Record<string, Audit>; delays: Map<string, Delays> }> {
  const audits: Record<string, Audit> = {};
  const delays = new Map<string, Delays>();
  for (const [name, isPlain] of [
    ["Saldo", false],
    ["plain service", true],
  ] as const) {
    const own = measurements.filter(({ variant }) => (variant === "plain") === isPlain);
    if (own.length === 0) continue;
    const ledger = await openAudit(fleet.ownerUrl(isPlain ? "plain" : "saldo"));
    try {
      await ledger.noteSlots(own, answered);
      if (!isPlain) {
        await ledger.noteEntries();
        await readTopic(fleet.brokers, ledger.noteEvents);
      }
      audits[name] = await ledger.check(!isPlain);
      for (const [caller, delay] of await ledger.readDelays()) delays.set(caller, delay);
    } finally {
      await ledger.close();
    }
  }
  return { audits, delays };
}
