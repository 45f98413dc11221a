import { type Logger, pino } from "pino";
import type { Operation } from "../ledger/operations.ts";

/** Fields of an error that are logged: its kind, its place in database and code. */
const LOGGED_FIELDS = ["code", "severity", "schema", "table", "column", "constraint", "routine"] as const;

/**
 * Creates the log: JSON lines on standard output.
 * Errors are logged by an allow-list of fields. PostgreSQL's errors contain the rejected row, and the framework's the
 * response body, both of which hold personal data.
 */
export function createLog({ logLevel, role }: { logLevel: string; role: string }): Logger {
  return pino({ level: logLevel, base: { role }, serializers: { err: describeError } });
}

/** Serializes an error and its causes for the log. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const fields = error as Error & Partial<Record<(typeof LOGGED_FIELDS)[number], unknown>>;
  const logged = LOGGED_FIELDS.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]);
  return {
    type: error.name,
    message: error.message,
    ...Object.fromEntries(logged),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

/** Logs an operation that only the ledger refused. An operator should check its data, or the books. */
export function alertRefused(log: Logger, { operationId, kind, request }: Operation, reason: unknown): void {
  if (kind === "expiry") {
    log.error({ err: reason, operationId, ...request }, "The ledger refused to expire a reservation: it stays open");
  } else {
    log.error({ err: reason, operationId }, "The ledger refused an operation's data: declined");
  }
}
