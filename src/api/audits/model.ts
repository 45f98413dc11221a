import { t } from "elysia";
import { UUID_PATTERN } from "../../ledger/operationId.ts";
import { Time } from "../fields.ts";

export const LATEST_AUDIT_PATH = "/v1/audits/latest";

export const AuditHeaders = t.Object({
  prefer: t.Optional(
    t.String({
      description:
        "`wait=N`: respond with the result of the audit if it finishes within N seconds, at most 30, instead of 202 at once.",
      examples: ["wait=5"],
    }),
  ),
});

const auditId = t.String({
  pattern: UUID_PATTERN,
  documented: { type: "string", format: "uuid" },
  description: "The run id of the audit workflow.",
  examples: ["019ab5a6-7c2e-7d6c-9f0e-3b5a3c6f1d20"],
});
const workflowId = t.String({ examples: ["audit"] });
const links = t.Object(
  {
    audit: t.String({ description: "The last finished audit.", examples: [LATEST_AUDIT_PATH] }),
    temporal: t.String({
      description: "The workflow in the Temporal Web UI.",
      examples: ["http://localhost:8233/namespaces/default/workflows/audit"],
    }),
  },
  { title: "AuditLinks" },
);

export const AuditRunning = t.Object(
  { auditId, workflowId, status: t.Literal("running"), links },
  { title: "AuditRunning" },
);

const Finding = t.Object(
  {
    promise: t.Integer({
      description: "The number of the broken promise: see docs/operating/audit.md.",
      examples: [2],
    }),
    sentence: t.String({
      description: "The finding as a sentence.",
      examples: ["Entry 3 of account anna has no entry 2 before it."],
    }),
    accountId: t.Optional(t.String({ description: "The user of the account.", examples: ["anna"] })),
    operationId: t.Optional(t.String({ examples: ["6f7f5a3c-1f1b-8f0e-9d58-0f4b8f5f6c11"] })),
    reservationId: t.Optional(t.String({ examples: ["b3410ed0-8de4-8f8a-bf54-4a34642bf289"] })),
    workflowId: t.Optional(
      t.String({ description: "The carrier with events that are not published.", examples: ["carrier-1"] }),
    ),
    month: t.Optional(t.String({ examples: ["2026-10"] })),
  },
  { title: "AuditFinding" },
);

export const AuditFinished = t.Object(
  {
    auditId,
    workflowId,
    status: t.Literal("finished"),
    verdict: t.Union([t.Literal("clean"), t.Literal("broken"), t.Literal("incomplete")], {
      description: "`broken` with any finding; else `incomplete` if a part could not be checked; else `clean`.",
    }),
    startedAt: Time,
    finishedAt: Time,
    checked: t.Record(t.String(), t.Integer(), {
      description: "The number of checked items, by type.",
      examples: [
        { accounts: 2, entries: 14, operations: 12, reservations: 3, cachedBalances: 2, events: 14, foreignEvents: 0 },
      ],
    }),
    notChecked: t.Array(t.Union([t.Literal("cache"), t.Literal("events")]), {
      description: "The parts that were unavailable, and are not checked.",
    }),
    findingsTotal: t.Integer({
      description: "The number of findings; `findings` lists the first hundred.",
      examples: [0],
    }),
    findings: t.Array(Finding),
    watermark: t.Union(
      [
        t.Object({
          offsets: t.Record(t.String(), t.String(), {
            description: "The offsets by partition of `saldo.operations`.",
            examples: [{ "0": "14" }],
          }),
          ledgerAt: Time,
        }),
        t.Null(),
      ],
      { description: "The position up to which events are compared. After a clean audit, the next one starts there." },
    ),
    links,
  },
  { title: "Audit" },
);
