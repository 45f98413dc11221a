import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { refusalOf } from "../support/config/refusal.ts";

const directory = mkdtempSync(join(tmpdir(), "saldo-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));

const secrets = {
  DATABASE_URL: "postgres://saldo:from-a-file@db/saldo",
  REDIS_URL: "rediss://:from-a-file@cache",
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

const inFiles = Object.fromEntries(names.map((name) => [`${name}_FILE`, fileOf(name, `${secrets[name]}\n`)]));

test("every secret may be in a file, with a line break at its end", () => {
  expect(loadConfig(inFiles)).toEqual(loadConfig(secrets));
});

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
  const [line, ...others] = linesWith(fileOf(name, "no-such-thing"));
  expect(others).toEqual([]);
  expect(line).toStartWith(`  ${name}: must be `);
  expect(line).not.toContain("no-such-thing");
});
