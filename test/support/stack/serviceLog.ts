import { existsSync } from "node:fs";
import { stack } from "../api/client.ts";

/** Reads the logs of the processes that take requests, one or two. */
export async function readServiceLog(): Promise<string> {
  const files = ["saldo", "api-1", "api-2"].map(stack.site.logFile).filter(existsSync);
  return (await Promise.all(files.map((file) => Bun.file(file).text()))).join("");
}
