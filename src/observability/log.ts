import { type Logger, pino } from "pino";
import type { Operation } from "../ledger/operations.ts";

/** What may be said of an error: what kind of trouble, where in the database, and where in the code. */
const LOGGED_FIELDS = ["code", "severity", "schema", "table", "column", "constraint", "routine"] as const;

/**
 * The log: JSON, a line each, on standard output. Of an error it takes no more than is named here: a driver's error carries the row that
 * was refused, a framework's the answer that was wrong, and with it what users wrote.
 */
export function createLog({ logLevel, role }: { logLevel: string; role: string }): Logger {
  return pino({ level: logLevel, base: { role }, serializers: { err: describeError } });
}

/** An error as the log says it, with what led to it. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const fields = error as Error & Partial<Record<(typeof LOGGED_FIELDS)[number], unknown>>;
  const said = LOGGED_FIELDS.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]);
  return {
    type: error.name,
    message: error.message,
    ...Object.fromEntries(said),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

/** Says that an operation came as far as the ledger, which alone refused it: somebody should look at its data, or at the books. */
export function alertRefused(log: Logger, { operationId, kind, request }: Operation, reason: unknown): void {
  if (kind === "expiry") {
    log.error({ err: reason, operationId, ...request }, "The ledger refused to expire a reservation: it stays open");
  } else {
    log.error({ err: reason, operationId }, "The ledger refused an operation's data: declined");
  }
}
