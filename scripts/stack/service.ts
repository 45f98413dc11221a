import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fingerprintFiles } from "./fingerprint.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { rootDirectory, type Site } from "./site.ts";

export interface Service {
  name: string;
  title: string;
  port: number;
  /** Path of the entry point from the repository's root. */
  program: string;
  /** Globs of its code from the repository's root. After an edit there, `up` replaces the process. */
  sources: string[];
  environment: Record<string, string>;
}

/** A service of the working copy that serves /readyz. */
export function createService(site: Site, { name, title, port, program, sources, environment }: Service): Part {
  return {
    name,
    title,
    address: `http://localhost:${port}`,
    ports: [port],
    // Other programs run in the same folder: only the marker in the environment identifies it.
    programs: [],
    stopSignal: "SIGTERM",
    async prepare() {
      mkdirSync(site.dataDirectory(name), { recursive: true });
    },
    async launch() {
      return {
        command: [process.execPath, join(rootDirectory, program)],
        // Without NODE_NO_WARNINGS the runtime would print warnings that Saldo logs as JSON.
        environment: { ...plainEnvironment, HOME: site.dataDirectory(name), NODE_NO_WARNINGS: "1", ...environment },
        directory: rootDirectory,
        // `./dev up` after an edit or a pull runs the new code.
        revision: await fingerprintFiles(rootDirectory, ...sources, "bun.lock"),
      };
    },
    async check() {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) {
        throw new Error(`/readyz returned ${response.status}: ${(await response.text()).slice(0, 200)}`);
      }
    },
  };
}
