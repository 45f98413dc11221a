import { Elysia } from "elysia";
import { nameRequest } from "../http/requestId.ts";
import { ANSWER_HEADERS } from "../http/securityHeaders.ts";
import { metrics } from "../metrics/index.ts";
import { health, type Probes } from "./index.ts";

/** What a worker answers: how it is and what it does, and nothing else. */
export function createHealthServer(probes: Probes) {
  return new Elysia()
    .headers(ANSWER_HEADERS)
    .onRequest(({ request, set }) => nameRequest(request, set))
    .use(health(probes))
    .use(metrics(probes.scrape));
}
