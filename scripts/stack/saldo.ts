import type { Part } from "./part.ts";
import { createService } from "./service.ts";
import type { Site } from "./site.ts";

/** The service itself, from the working copy's sources. */
export function createSaldo(site: Site, environment: Record<string, string>): Part {
  const { api: port } = site.ports;
  return createService(site, {
    name: "saldo",
    title: "Saldo",
    port,
    program: "src/main.ts",
    sources: ["src/**/*"],
    environment,
  });
}
