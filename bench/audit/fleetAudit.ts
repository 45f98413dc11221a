import type { AnsweredKeys, Measurement } from "../measure/slot.ts";
import { type Fleet, ledgerOf, variantTitles } from "../variants/fleet.ts";
import { type Audit, openAudit, type SlotAudit } from "./ledgerAudit.ts";
import { readTopic } from "./topic.ts";

/**
 * Audits every ledger that a measurement wrote to, and the topic against Saldo's ledger.
 * @returns the audits, and each slot's figures by its caller
 */
export async function auditFleet(
  fleet: Fleet,
  measurements: Measurement[],
  answered: AnsweredKeys,
): Promise<{ audits: Record<string, Audit>; slots: Map<string, SlotAudit> }> {
  const audits: Record<string, Audit> = {};
  const slots = new Map<string, SlotAudit>();
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
