import type { Logger } from "pino";
import { type ConnectionVariables, findConnectionFault, type OnConnection } from "../lib/connections.ts";

/** The logs of connections by part. Address and login of PostgreSQL and Redis are in one variable. */
export function createConnectionLogs({ temporal }: { temporal: { tls?: object } }, log: Logger) {
  const create = (part: string, prefix: string, variables: Omit<ConnectionVariables, "ca" | "cert">) =>
    createConnectionLog(log, part, { ...variables, ca: `${prefix}_CA`, cert: `${prefix}_CERT` });
  return {
    postgres: create("PostgreSQL", "DATABASE", { address: "DATABASE_URL", login: "DATABASE_URL" }),
    redis: create("Redis", "REDIS", { address: "REDIS_URL", login: "REDIS_URL" }),
    kafka: create("Kafka", "KAFKA", {
      address: "KAFKA_BROKERS",
      login: "KAFKA_SASL_PASSWORD",
      mechanism: "KAFKA_SASL_MECHANISM",
    }),
    temporal: create("Temporal", "TEMPORAL", {
      address: "TEMPORAL_SERVER_NAME",
      login: "TEMPORAL_API_KEY",
      ...(temporal.tls && { closed: "TEMPORAL_CERT" }),
    }),
  };
}

/**
 * Logs the connections to one part: a line for each change, not for each attempt.
 * The line of a wrong password or an untrusted certificate begins with the variable to correct.
 */
export function createConnectionLog(log: Logger, part: string, variables: ConnectionVariables): OnConnection {
  let current = "";

  return (error) => {
    if (error === undefined) {
      if (current !== "") log.info({ part }, `${part} is connected`);
      current = "";
      return;
    }
    const fault = findConnectionFault(part, variables, error);
    // A refused connection is then closed, which adds nothing to the reason.
    if (!fault && current !== "") return;
    const next = fault ? `${fault.variable}: ${fault.reason}` : `${part} is unreachable`;
    if (next === current) return;
    current = next;
    if (fault) log.error({ part, variable: fault.variable }, next);
    else log.warn({ part, err: error }, next);
  };
}
