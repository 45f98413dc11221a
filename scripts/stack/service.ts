import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fingerprintFiles } from "./fingerprint.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { rootDirectory, type Site } from "./site.ts";

export interface Service {
  name: string;
  title: string;
  port: number;
  /** From the repository's root. */
  program: string;
  /** Of all the code that it runs, from the repository's root: an edit there replaces the process. */
  sources: string[];
  environment: Record<string, string>;
}

/** A service of the working copy that answers /readyz. */
export function createService(site: Site, { name, title, port, program, sources, environment }: Service): Part {
  return {
    name,
    title,
    address: `http://localhost:${port}`,
    ports: [port],
    // It works in the repository's folder, as others do: the mark in the environment has to be enough.
    programs: [],
    stopSignal: "SIGTERM",
    async prepare() {
      mkdirSync(site.dataDirectory(name), { recursive: true });
    },
    async launch() {
      return {
        command: [process.execPath, join(rootDirectory, program)],
        environment: { ...plainEnvironment, HOME: site.dataDirectory(name), ...environment },
        directory: rootDirectory,
        // So that `./dev up` after an edit or a pull runs the new code.
        revision: await fingerprintFiles(rootDirectory, ...sources, "bun.lock"),
      };
    },
    async check() {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`/readyz answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
    },
  };
}
