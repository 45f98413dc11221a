import { existsSync } from "node:fs";
import { stack } from "../api/client.ts";

/** What the processes that take requests have logged so far, be it the one or two APIs. */
export async function readServiceLog(): Promise<string> {
  const files = ["saldo", "api-1", "api-2"].map(stack.site.logFile).filter(existsSync);
  return (await Promise.all(files.map((file) => Bun.file(file).text()))).join("");
}
