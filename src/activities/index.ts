import type { Auditing } from "./audit/auditing.ts";
import type { Posting } from "./posting.ts";
import type { Publishing } from "./publishing.ts";
import type { Reporting } from "./reporting.ts";

export type { AuditFindings } from "./audit/auditing.ts";
export type { EventsAudited } from "./audit/events.ts";
export type { PostingResult } from "./postingRun.ts";
export type { Publication } from "./publishing.ts";
export type { ReportResult } from "./reporting.ts";
export type { SagaSummary, SettlementSummary } from "./sagaSummary.ts";

/**
 * All activities of the workflows. Each is one idempotent side effect on one store. Posting activities also attempt the
 * cache and the events once.
 */
export type Activities = Posting & Publishing & Reporting & Auditing;
