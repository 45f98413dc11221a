import type { Auditing } from "./auditing.ts";
import type { Posting } from "./posting.ts";
import type { Publishing } from "./publishing.ts";
import type { Reporting } from "./reporting.ts";

export type { AuditFindings } from "./auditing.ts";
export type { EventsAudited } from "./auditingEvents.ts";
export type { Carried, Standing } from "./posting.ts";
export type { Publication } from "./publishing.ts";
export type { ReportFrozen } from "./reporting.ts";

/**
 * Everything that workflows may ask to be done. Each is one side effect on one store, and safe to run twice; what posts also gives the cache and
 * the events their quick chance.
 */
export type Activities = Posting & Publishing & Reporting & Auditing;
