import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportSPKI, generateKeyPair } from "jose";
import { pino } from "pino";
import { createPublicKey } from "../../src/api/auth/publicKey.ts";
import { SECRETS } from "../../src/config/secretFiles.ts";
import { loadConfig } from "../../src/config.ts";
import { readSecret } from "../../src/lib/secrets.ts";
import { refusalOf } from "../support/config/refusal.ts";

const directory = mkdtempSync(join(tmpdir(), "saldo-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nfrom-a-file\n-----END CERTIFICATE-----";
const PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nfrom-a-file\n-----END PRIVATE KEY-----";

const secrets = {
  DATABASE_URL: "postgres://saldo:from-a-file@db/saldo?sslmode=verify-full",
  DATABASE_CA: CERTIFICATE,
  DATABASE_CERT: CERTIFICATE,
  DATABASE_KEY: PRIVATE_KEY,
  REDIS_URL: "rediss://:from-a-file@cache",
  REDIS_CA: CERTIFICATE,
  REDIS_CERT: CERTIFICATE,
  REDIS_KEY: PRIVATE_KEY,
  KAFKA_CA: CERTIFICATE,
  KAFKA_CERT: CERTIFICATE,
  KAFKA_KEY: PRIVATE_KEY,
  KAFKA_SASL_PASSWORD: "from-a-file",
  TEMPORAL_CA: CERTIFICATE,
  TEMPORAL_CERT: CERTIFICATE,
  TEMPORAL_KEY: PRIVATE_KEY,
  TEMPORAL_API_KEY: "from-a-file",
  SIGNING_KEY: "from-a-file".repeat(3),
  JWT_PUBLIC_KEY: "-----BEGIN PUBLIC KEY-----\nfrom-a-file\n-----END PUBLIC KEY-----",
};
type Name = keyof typeof secrets;
const names = Object.keys(secrets) as Name[];

function fileOf(name: string, content: string): string {
  const path = join(directory, `${name}-${crypto.randomUUID()}`);
  writeFileSync(path, content);
  return path;
}

/** Variables without which the secrets would be refused. */
const others = {
  KAFKA_TLS: "true",
  KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
  KAFKA_SASL_USERNAME: "saldo",
  TEMPORAL_TLS: "true",
};
const inFiles = {
  ...others,
  ...Object.fromEntries(names.map((name) => [`${name}_FILE`, fileOf(name, `${secrets[name]}\n`)])),
};

test("the list of secrets is complete", () => {
  expect(new Set<string>(names)).toEqual(new Set(SECRETS));
});

test("every secret may be in a file, with a line break at its end", () => {
  const withoutFiles = JSON.parse(
    JSON.stringify(loadConfig(inFiles), (key, value) => (key === "file" ? undefined : value)),
  );
  expect(withoutFiles).toEqual(JSON.parse(JSON.stringify(loadConfig({ ...others, ...secrets }))));
});

test("a secret in a file is read again with each use, and its file's loss is an error with its name", () => {
  const file = fileOf("KAFKA_SASL_PASSWORD", "former\n");
  const { kafka } = loadConfig({ ...inFiles, KAFKA_SASL_PASSWORD_FILE: file });
  const password = kafka.sasl!.password;
  expect(readSecret(password)).toBe("former");
  writeFileSync(file, "rotated\n");
  expect(readSecret(password)).toBe("rotated");
  rmSync(file);
  expect(() => readSecret(password)).toThrow("KAFKA_SASL_PASSWORD_FILE: must name a file that can be read");
});

test("a rotated public key verifies tokens without a restart, and an unusable one does not replace it", async () => {
  const [former, rotated] = await Promise.all([makeKey(), makeKey()]);
  const file = fileOf("JWT_PUBLIC_KEY", former);
  let nowMs = 0;
  const secret = { variable: "JWT_PUBLIC_KEY", value: former, file };
  const find = await createPublicKey(secret, pino({ level: "silent" }), () => nowMs);
  writeFileSync(file, rotated);
  expect(await exportSPKI(await find())).toBe(former);
  nowMs += 10_000;
  expect(await exportSPKI(await find())).toBe(rotated);
  writeFileSync(file, "no key");
  nowMs += 10_000;
  expect(await exportSPKI(await find())).toBe(rotated);
});

async function makeKey(): Promise<string> {
  return await exportSPKI((await generateKeyPair("RS256", { extractable: true })).publicKey);
}

test.each(names)("%s that is set both directly and by a file is refused with its name", (name) => {
  const message = refusalOf({ ...inFiles, [name]: secrets[name] });
  expect(message.split("\n").slice(1)).toEqual([`  ${name}, ${name}_FILE: set only one of them`]);
});

test.each(names)("an unreadable, empty or invalid file of %s is refused without its content", (name) => {
  const linesWith = (path: string) =>
    refusalOf({ ...inFiles, [`${name}_FILE`]: path })
      .split("\n")
      .slice(1);
  expect(linesWith(join(directory, "nowhere"))).toEqual([`  ${name}_FILE: must name a file that can be read`]);
  expect(linesWith(directory)).toEqual([`  ${name}_FILE: must name a file that can be read`]);
  expect(linesWith(fileOf(name, "\n"))).toEqual([`  ${name}_FILE: must name a file that is not empty`]);
  // Every text is a password or an API key.
  if (name === "KAFKA_SASL_PASSWORD" || name === "TEMPORAL_API_KEY") return;
  const [line, ...furtherLines] = linesWith(fileOf(name, "no-such-thing"));
  expect(furtherLines).toEqual([]);
  expect(line).toStartWith(`  ${name}: must be `);
  expect(line).not.toContain("no-such-thing");
});
