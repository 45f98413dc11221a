import { Elysia } from "elysia";
import { nameRequest } from "../http/requestId.ts";
import { ANSWER_HEADERS } from "../http/securityHeaders.ts";
import { metrics } from "../metrics/index.ts";
import { type HealthChecks, health } from "./index.ts";

/** What a worker answers: how it is and what it does, and nothing else. */
export function createHealthServer(checks: HealthChecks, scrape: () => Promise<string>, stopping: AbortSignal) {
  return new Elysia()
    .headers(ANSWER_HEADERS)
    .onRequest(({ request, set }) => nameRequest(request, set))
    .use(health(checks, stopping))
    .use(metrics(scrape));
}
