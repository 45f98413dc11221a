import type { Logger } from "pino";
import { type ConnectionVariables, findConnectionFault, type OnConnection } from "../lib/connections.ts";

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
