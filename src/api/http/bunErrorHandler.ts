import type { Logger } from "pino";
import { Problem, toProblemResponse } from "./problems.ts";
import { SECURITY_HEADERS } from "./securityHeaders.ts";

/**
 * For the server below the framework: what comes past the framework's own error handler is answered as a problem, where Bun would show a page
 * with our sources. Bun does not say which request it was; what the error says of it may be a link, and is logged without its signature.
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
