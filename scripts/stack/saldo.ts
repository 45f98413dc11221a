import type { Part } from "./part.ts";
import { createService } from "./service.ts";
import type { ProcessName, Site } from "./site.ts";

type ServiceName = "saldo" | "saldo-2" | ProcessName;

/** Port offsets from the API's port. The first API has offset 0, since clients use it in place of the one process. */
const portOffsets: Record<ServiceName, number> = {
  saldo: 0,
  "saldo-2": 14,
  "api-1": 0,
  "api-2": 11,
  "worker-1": 12,
  "worker-2": 13,
};

/** The service from the working copy's sources. Runs as one process, as two, or as two APIs and two workers. */
export function createSaldoProcesses(site: Site, environment: Record<string, string>): Record<ServiceName, Part> {
  const parts = Object.entries(portOffsets).map(([name, offset]) => {
    const port = site.ports.api + offset;
    const role = name.startsWith("api") ? { ROLE: "api" } : name.startsWith("worker") ? { ROLE: "worker" } : {};
    const title = name === "saldo" ? "Saldo" : `Saldo's ${name}`;
    return [name, createProcess(site, name, title, port, { ...environment, ...role, PORT: `${port}` })];
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
