/**
 * Messages of libraries that are logged as `debug`, by their beginning. They are written in normal operation, and there
 * is nothing to do about them.
 */
const HARMLESS: readonly string[] = [
  // Temporal's core, at `error`: a task of a workflow arrives while another one is processed. It handles both.
  "Trying to send a new WFT for a run which already has one!",
  // Temporal's SDK: the worker of the task queue saldo-events runs activities only.
  "No workflows registered, not polling for workflow tasks",
  // Temporal's SDK on Bun: stack traces of workflows are not collected.
  "v8.promiseHooks.createHook is not available",
];

type Level = "debug" | "info" | "warn" | "error";

/** Returns the level of a message that a library logs at `level`. */
export function levelOf(level: Level, message: string): Level {
  return HARMLESS.some((beginning) => message.startsWith(beginning)) ? "debug" : level;
}
