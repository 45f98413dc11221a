import type { Walk } from "./walks.ts";

/** The audit's checks of the ledger, in their order. Each reads its tables in pieces. */
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

/** Stores outside the ledger. An audit completes without one that is down. */
export type ExternalStore = "cache" | "events";

/** A violation of a promise in docs/reference/promises.md, with the ids of its records. */
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

/** The most findings that an audit lists; further ones are only counted. */
export const FINDINGS_MAX = 100;

/** The result of one part of an audit: rows checked by name, and the findings. */
export type AuditPart = { checked: Record<string, number>; findings: Finding[]; findingsTotal: number };

/**
 * Progress of the comparison with Kafka: the offset reached in each partition. `ledgerAt` is that time by the
 * database's clock.
 */
export type Watermark = { offsets: Record<string, string>; ledgerAt: string };

export const VERDICTS = ["clean", "broken", "incomplete"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** An audit as stored in the ledger. */
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

/** The progress of the checks that the next audit continues. */
export type Walks = Partial<Record<LedgerCheck, Walk>>;

/** A finished audit before it is stored. */
export type AuditOutcome = Omit<Audit, "finishedAt"> & { walks: Walks };

export const NOTHING_CHECKED: AuditPart = { checked: {}, findings: [], findingsTotal: 0 };

/** Joins two parts: adds the counts and keeps the first findings. */
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

/** A part with exactly these counts and findings. */
export function partOf(checked: Record<string, number>, findings: Finding[]): AuditPart {
  return { checked, findings: findings.slice(0, FINDINGS_MAX), findingsTotal: findings.length };
}

/** Findings make an audit `broken`, also where a store was not checked. */
export function judge(findingsTotal: number, notChecked: readonly ExternalStore[]): Verdict {
  if (findingsTotal > 0) return "broken";
  return notChecked.length > 0 ? "incomplete" : "clean";
}
