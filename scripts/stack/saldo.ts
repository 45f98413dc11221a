import type { Part } from "./part.ts";
import { createService } from "./service.ts";
import { type ProcessName, processNames, type Site } from "./site.ts";

/** Port offsets from the API's port. The first API has offset 0, since clients use it in place of the one process. */
const portOffsets: Record<ProcessName, number> = { "api-1": 0, "api-2": 11, "worker-1": 12, "worker-2": 13 };

/** The service as one process, from the working copy's sources. */
export function createSaldo(site: Site, environment: Record<string, string>): Part {
  return createProcess(site, "saldo", "Saldo", site.ports.api, environment);
}

/** The service as two APIs and two workers, each a process of its own. */
export function createSaldoProcesses(site: Site, environment: Record<string, string>): Record<ProcessName, Part> {
  const parts = processNames.map((name) => {
    const port = site.ports.api + portOffsets[name];
    const role = name.startsWith("api") ? "api" : "worker";
    return [name, createProcess(site, name, `Saldo's ${name}`, port, { ...environment, ROLE: role, PORT: `${port}` })];
  });
  return Object.fromEntries(parts);
}

function createProcess(
  site: Site,
  name: string,
  title: string,
  port: number,
  environment: Record<string, string>,
): Part {
  return createService(site, {
    name,
    title,
    port,
    program: "src/main.ts",
    sources: ["src/**/*", "console/**/*", "client/src/**/*"],
    environment,
  });
}
