import type { Logger } from "pino";
import { Problem, toProblemResponse } from "./problems.ts";
import { SECURITY_HEADERS } from "./securityHeaders.ts";

/**
 * The error handler of `Bun.serve`, for errors that Elysia's `onError` does not see.
 *
 * Bun's default page would expose source code. Bun does not pass the request. The error's text may contain a report
 * link, so queries are removed before it is logged.
 */
export function bunErrorHandler(log: Logger) {
  return {
    development: false,
    error(error: unknown): Response {
      const requestId = crypto.randomUUID();
      const reason = error instanceof Error ? (error.stack ?? String(error)) : String(error);
      log.error({ requestId, reason: reason.replace(/\?\S*/g, "?…") }, "A request failed outside of its route");
      const headers = { ...SECURITY_HEADERS, "x-request-id": requestId };
      return toProblemResponse(new Problem("internal", { extensions: { requestId }, headers }), "/");
    },
  };
}
