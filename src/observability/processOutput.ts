import { fileURLToPath } from "node:url";
import { format } from "node:util";
import type { Logger } from "pino";
import { levelOf } from "../lib/harmlessMessages.ts";

/** The console's methods by the level of their lines. */
const CONSOLE_LEVELS = { error: "error", warn: "warn", info: "info", log: "info", debug: "debug" } as const;
type Method = keyof typeof CONSOLE_LEVELS;
type ConsoleLevel = (typeof CONSOLE_LEVELS)[Method];

/**
 * Sends calls of this thread's console to the log, so that every line is JSON.
 * The first error is logged by the log's allow-list, with its stack: `format` would print all of its fields.
 */
export function captureConsole(log: Logger): void {
  for (const [method, level] of Object.entries(CONSOLE_LEVELS) as [Method, ConsoleLevel][]) {
    console[method] = (...values: unknown[]) => {
      const message = format(...values.map((value) => (value instanceof Error ? String(value) : value)));
      const err = values.find((value) => value instanceof Error);
      log[levelOf(level, message)]({ err }, message);
    };
  }
}

/**
 * Sends all plain text of a process to the log.
 * That is the console, warnings of the runtime, and errors that end the process. With NODE_NO_WARNINGS=1 (in the image)
 * the runtime itself prints no warnings.
 */
export function captureOutput(log: Logger): void {
  captureConsole(log);
  process.on("warning", ({ name, message }) => {
    // kafkajs sets a timer in the past before each connection.
    log[name === "TimeoutNegativeWarning" ? "debug" : "warn"]({ warning: name }, message);
  });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, "An error was not handled: the process ends");
      process.exit(1);
    });
  }
}

/** The module that captures the console of another thread, and its parameters. Bun loads it before the thread's own. */
export function threadLogging({ logLevel, role }: { logLevel: string; role: string }) {
  return { preload: [fileURLToPath(new URL("./threadConsole.ts", import.meta.url))], argv: [logLevel, role] };
}
