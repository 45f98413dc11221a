import type { Part } from "./part.ts";
import { createService } from "./service.ts";
import { type ProcessName, processNames, type Site } from "./site.ts";

/** How much higher than the API's port they listen. The first API has that port itself: it stands in for the whole service. */
const portOffsets: Record<ProcessName, number> = { "api-1": 0, "api-2": 11, "worker-1": 12, "worker-2": 13 };

/** The service itself, from the working copy's sources. */
export function createSaldo(site: Site, environment: Record<string, string>): Part {
  return createProcess(site, "saldo", "Saldo", site.ports.api, environment);
}

/** Two APIs and two workers, each in a process of its own, in place of the one. */
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
  return createService(site, { name, title, port, program: "src/main.ts", sources: ["src/**/*"], environment });
}
