import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { assertConnected } from "../http/connection.ts";
import { parsePrefer, preferenceApplied } from "../http/preferences.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { AuditFinished, AuditHeaders, AuditRunning, LATEST_AUDIT_PATH } from "./model.ts";
import type { Audits } from "./service.ts";

const tags = ["Audits"];
const security = [{ bearer: ["audit"] }];

/** POST /v1/audits, GET /v1/audits/latest */
export function audits(requireScope: Authentication, service: Audits) {
  return new Elysia()
    .use(requireScope("audit"))
    .post(
      "/v1/audits",
      async ({ request, headers, set }) => {
        await assertConnected(request);
        const preferences = parsePrefer(headers.prefer, 0);
        const audit = await service.run(preferences.waitSeconds);
        const isRunning = audit.status === "running";
        Object.assign(set.headers, preferenceApplied(preferences, isRunning));
        if (isRunning) {
          set.status = 202;
          set.headers.location = LATEST_AUDIT_PATH;
        }
        return audit;
      },
      {
        headers: AuditHeaders,
        query: NoQuery,
        response: {
          200: answer(AuditFinished),
          202: answer(AuditRunning),
          ...problemResponses(...REFUSALS, "temporal_unavailable"),
        },
        detail: {
          operationId: "runAudit",
          security,
          tags,
          summary: "Audit the ledger, the cache and the events now",
          description:
            "Starts an audit, or joins the one that is running. It reports broken promises and publishes missing events. A schedule starts one every hour.",
        },
      },
    )
    .get(LATEST_AUDIT_PATH, () => service.readLatest(), {
      query: NoQuery,
      response: { 200: answer(AuditFinished), ...problemResponses(...REFUSALS, "audit_unknown", "ledger_unavailable") },
      detail: { operationId: "getLatestAudit", security, tags, summary: "Read the result of the last finished audit" },
    });
}
