import { join } from "node:path";
import { dropData, freezePart, killPart, startPart, stopPart } from "../../../scripts/stack/lifecycle.ts";
import type { Part } from "../../../scripts/stack/part.ts";
import type { Site } from "../../../scripts/stack/site.ts";
import { stack } from "../api/client.ts";

export type FurtherServer = AsyncDisposable & {
  /** Starts it after a kill, or thaws it. */
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): Promise<void>;
};

/** The site of further servers: a folder in the stack's, and ports `offset` above. */
export function furtherSite(name: string, offset: number): Site {
  const directory = join(stack.site.directory, name);
  const ports = Object.entries(stack.site.ports).map(([part, port]) => [part, port + offset]);
  return {
    name: `${stack.site.name}-${name}`,
    directory,
    isCluster: false,
    ports: Object.fromEntries(ports) as Site["ports"],
    dataDirectory: (part) => join(directory, "data", part),
    pidFile: (part) => join(directory, "run", `${part}.pid`),
    logFile: (part) => join(directory, "log", `${part}.log`),
  };
}

/** Starts a server without the data of an earlier run. It ends with the block. */
export async function startFurther(site: Site, part: Part): Promise<FurtherServer> {
  await stopPart(site, part);
  dropData(site, part);
  await startPart(site, part);
  return {
    start: async () => void (await startPart(site, part)),
    kill: () => killPart(site, part),
    freeze: () => freezePart(site, part),
    [Symbol.asyncDispose]: () => stopPart(site, part),
  };
}
