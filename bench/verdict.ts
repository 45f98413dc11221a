import { type Audit, type Delays, openAudit } from "./audit.ts";
import type { Answered, Measurement } from "./slot.ts";
import { readTopic } from "./topic.ts";
import { type Fleet, ledgerOf, variantTitles } from "./variants.ts";

/** Audits the ledgers that were written to, and the topic against Saldo's; tells of each slot how long decisions and events took. */
export async function auditFleet(
  fleet: Fleet,
  measurements: Measurement[],
  answered: Answered,
): Promise<{ audits: Record<string, Audit>; delays: Map<string, Delays> }> {
  const audits: Record<string, Audit> = {};
  const delays = new Map<string, Delays>();
  for (const variant of ["saldo", "plain"] as const) {
    const own = measurements.filter((one) => ledgerOf(one.variant) === variant);
    if (own.length === 0) continue;
    const hasEvents = variant === "saldo";
    const ledger = await openAudit(fleet.ownerUrl(variant));
    try {
      await ledger.noteSlots(own, answered);
      if (hasEvents) {
        await ledger.noteEntries();
        await readTopic(fleet.brokers, ledger.noteEvents);
      }
      audits[variantTitles[variant]] = await ledger.check(hasEvents);
      for (const [caller, delay] of await ledger.readDelays()) delays.set(caller, delay);
    } finally {
      await ledger.close();
    }
  }
  return { audits, delays };
}
