import { readSecretFile, type Secret } from "../lib/secrets.ts";

export type Environment = Record<string, string | undefined>;

/** Variables that may hold a secret. Instead, a variable with `_FILE` appended may hold a file's path. */
export const SECRETS = [
  "DATABASE_URL",
  "DATABASE_CA",
  "DATABASE_CERT",
  "DATABASE_KEY",
  "REDIS_URL",
  "REDIS_CA",
  "REDIS_CERT",
  "REDIS_KEY",
  "KAFKA_CA",
  "KAFKA_CERT",
  "KAFKA_KEY",
  "KAFKA_SASL_PASSWORD",
  "TEMPORAL_CA",
  "TEMPORAL_CERT",
  "TEMPORAL_KEY",
  "TEMPORAL_API_KEY",
  "JWT_PUBLIC_KEY",
  "SIGNING_KEY",
] as const;
export type SecretName = (typeof SECRETS)[number];

/** Returns the environment with secrets read from files, and the errors by variable. */
export function readSecretFiles(environment: Environment): { environment: Environment; wrong: Map<string, string> } {
  const read = { ...environment };
  const wrong = new Map<string, string>();
  for (const name of SECRETS) {
    const fileName = `${name}_FILE`;
    const file = environment[fileName];
    if (!file) continue;
    if (environment[name]) {
      wrong.set(name, `${name}, ${fileName}: set only one of them`);
      continue;
    }
    try {
      read[name] = readSecretFile(fileName, file);
    } catch (error) {
      wrong.set(name, (error as Error).message);
    }
  }
  return { environment: read, wrong };
}

/** The secret, with its file if it has one. */
export function toSecret(name: SecretName, value: string, environment: Environment): Secret {
  const file = environment[`${name}_FILE`];
  return { variable: name, value, ...(file && { file }) };
}
