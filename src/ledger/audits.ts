import type { Walk } from "./walks.ts";

/** What the audit walks over in the ledger, in this order, each in pieces of its own. */
export const LEDGER_CHECKS = [
  "guards",
  "accounts",
  "entries",
  "operations",
  "reservations",
  "recognitions",
  "revenue",
  "months",
  "overdue",
  "unpublished",
] as const;
export type LedgerCheck = (typeof LEDGER_CHECKS)[number];

/** What lies beside the ledger, and may be away. */
export type ExternalStore = "cache" | "events";

/** One thing that contradicts a promise of spec.md §4, in a sentence, with whatever it is about. */
export type Finding = {
  /** The promise's number. */
  promise: number;
  sentence: string;
  accountId?: string;
  operationId?: string;
  reservationId?: string;
  /** The carrier whose events wait. */
  workflowId?: string;
  /** Like "2026-10". */
  month?: string;
};

/** Of so many findings each is told; of the others, only that they are there. */
export const FINDINGS_MAX = 100;

/** What one part of the audit has looked at, how often, and what it found. */
export type AuditPart = { checked: Record<string, number>; findings: Finding[]; findingsTotal: number };

/** Where the comparison with Kafka has come to: the offset that each partition is read up to, and when by the database's clock. */
export type Watermark = { offsets: Record<string, string>; ledgerAt: string };

export const VERDICTS = ["clean", "broken", "incomplete"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** An audit as the ledger keeps it. */
export type Audit = AuditPart & {
  auditId: string;
  workflowId: string;
  startedAt: string;
  finishedAt: string;
  verdict: Verdict;
  notChecked: ExternalStore[];
  /** Null where events were not compared. */
  watermark: Watermark | null;
};

/** How far each check has walked that goes on with the next audit. */
export type Walks = Partial<Record<LedgerCheck, Walk>>;

/** An audit that is over but for its being kept. */
export type AuditOutcome = Omit<Audit, "finishedAt"> & { walks: Walks };

export const NOTHING_CHECKED: AuditPart = { checked: {}, findings: [], findingsTotal: 0 };

/** Both parts as one: counts add up, the first findings stay. */
export function joinParts(one: AuditPart, other: AuditPart): AuditPart {
  const names = new Set([...Object.keys(one.checked), ...Object.keys(other.checked)]);
  return {
    checked: Object.fromEntries(
      [...names].map((name) => [name, (one.checked[name] ?? 0) + (other.checked[name] ?? 0)]),
    ),
    findings: [...one.findings, ...other.findings].slice(0, FINDINGS_MAX),
    findingsTotal: one.findingsTotal + other.findingsTotal,
  };
}

/** A part that has counted something and found just these. */
export function partOf(checked: Record<string, number>, findings: Finding[]): AuditPart {
  return { checked, findings: findings.slice(0, FINDINGS_MAX), findingsTotal: findings.length };
}

/** What was found is broken whatever else could not be looked at. */
export function judge(findingsTotal: number, notChecked: readonly ExternalStore[]): Verdict {
  if (findingsTotal > 0) return "broken";
  return notChecked.length > 0 ? "incomplete" : "clean";
}
