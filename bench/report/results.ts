import { cpus, totalmem } from "node:os";
import type { Audit, SlotAudit } from "../audit/ledgerAudit.ts";
import type { Growth } from "../measure/growth.ts";
import type { Measurement, Pace } from "../measure/slot.ts";
import type { Soak } from "../measure/soak.ts";
import type { Figure } from "./figures.ts";

/** A measured slot, with its figures from the ledger and the topic. */
export type Row = Measurement & { audited: SlotAudit };

/** All results of a run: the content of results.json. */
export type Results = {
  at: string;
  machine: { processor: string; cores: number; memoryGigabytes: number; bun: string };
  pace: Pace;
  rounds: number;
  figures: Figure[];
  measurements: Row[];
  growth: Growth | undefined;
  soak: Soak | undefined;
  audits: Record<string, Audit>;
};

export function describeMachine(): Results["machine"] {
  const [processor] = cpus();
  return {
    processor: processor?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    bun: Bun.version,
  };
}

/** Whether the audits have no findings: nothing lost, nothing duplicated. */
export function isClean({ audits }: Pick<Results, "audits">): boolean {
  return Object.values(audits).every(({ findings }) => findings.length === 0);
}
