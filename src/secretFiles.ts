import { readFileSync } from "node:fs";

type Environment = Record<string, string | undefined>;

/** Variables that may hold a secret. Instead, a variable with `_FILE` appended may hold a file's path. */
export const SECRETS = ["DATABASE_URL", "REDIS_URL", "SIGNING_KEY", "JWT_PUBLIC_KEY"] as const;

/**
 * Returns the environment with secrets read from files, and the errors by variable.
 * A line break at the end of a file is dropped. Errors contain neither a value nor the system's message, which may
 * contain one.
 */
export function readSecretFiles(environment: Environment): { environment: Environment; wrong: Map<string, string> } {
  const read = { ...environment };
  const wrong = new Map<string, string>();
  for (const name of SECRETS) {
    const fileName = `${name}_FILE`;
    const path = environment[fileName];
    if (!path) continue;
    if (environment[name]) {
      wrong.set(name, `${name}, ${fileName}: set only one of them`);
      continue;
    }
    try {
      read[name] = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    } catch {
      wrong.set(name, `${fileName}: must name a file that can be read`);
      continue;
    }
    if (read[name] === "") wrong.set(name, `${fileName}: must name a file that is not empty`);
  }
  return { environment: read, wrong };
}
