import { readFileSync } from "node:fs";

type Environment = Record<string, string | undefined>;

/** The variables that may hold a secret: each may also stand in a file, which its name with `_FILE` leads to. */
export const SECRETS = ["DATABASE_URL", "REDIS_URL", "SIGNING_KEY", "JWT_PUBLIC_KEY"] as const;

/**
 * The environment with the secrets that stand in files, without the line break at their end; and, by variable, what is wrong with those that cannot be
 * had. No value is told, nor what the system says, which may hold one.
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
