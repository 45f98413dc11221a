import type { Answered, Measurement } from "../measure/slot.ts";
import { type Fleet, ledgerOf, variantTitles } from "../variants/variants.ts";
import { type Audit, type Audited, openAudit } from "./audit.ts";
import { readTopic } from "./topic.ts";

/** Audits the ledgers that were written to, and the topic against Saldo's. @returns the traces of each slot by its caller too. */
export async function auditFleet(
  fleet: Fleet,
  measurements: Measurement[],
  answered: Answered,
): Promise<{ audits: Record<string, Audit>; slots: Map<string, Audited> }> {
  const audits: Record<string, Audit> = {};
  const slots = new Map<string, Audited>();
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
      for (const [caller, audited] of await ledger.readSlots()) slots.set(caller, audited);
    } finally {
      await ledger.close();
    }
  }
  return { audits, slots };
}
