import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fingerprintFiles } from "./fingerprint.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { rootDirectory, type Site } from "./site.ts";

/** The service itself, from the working copy's sources. */
export function createSaldo(site: Site, environment: Record<string, string>): Part {
  const port = site.ports.api;
  return {
    name: "saldo",
    title: "Saldo",
    address: `http://localhost:${port}`,
    ports: [port],
    // It works in the repository's folder, as others do: the mark in the environment has to be enough.
    programs: [],
    stopSignal: "SIGTERM",
    async prepare() {
      mkdirSync(site.dataDirectory("saldo"), { recursive: true });
    },
    async launch() {
      return {
        command: [process.execPath, join(rootDirectory, "src", "main.ts")],
        environment: { ...plainEnvironment, HOME: site.dataDirectory("saldo"), ...environment },
        directory: rootDirectory,
        // So that `./dev up` after an edit or a pull runs the new code.
        revision: await fingerprintFiles(rootDirectory, "src/**/*", "bun.lock"),
      };
    },
    async check() {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`/readyz answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
    },
  };
}
