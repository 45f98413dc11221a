import { expect, test } from "bun:test";
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { stack } from "../support/api/client.ts";

const { site } = stack;
const data = dirname(site.dataDirectory("postgres"));
const logs = dirname(site.logFile("postgres"));
const isRoot = process.getuid?.() === 0;

const modeOf = (path: string) => (statSync(realpathSync(path)).mode & 0o777).toString(8);

test("the stack's data and logs are closed to other users", () => {
  expect([modeOf(data), modeOf(logs)]).toEqual([isRoot ? "711" : "700", "700"]);
  const parts = readdirSync(data).filter((name) => statSync(join(data, name)).isDirectory());
  expect(parts.length).toBeGreaterThanOrEqual(5);
  expect(parts.map((part) => [part, modeOf(join(data, part))])).toEqual(parts.map((part) => [part, "700"]));
});

// Only root can act as another user.
if (isRoot) {
  test("another user can read no file of the stack's data and logs", () => {
    const asAnother = (...command: string[]) =>
      Bun.spawnSync(["setpriv", "--reuid=64321", "--regid=64321", "--clear-groups", "--", ...command]);
    const files = [join(site.dataDirectory("temporal"), "temporal.db"), site.logFile("saldo"), site.logFile("api-1")];
    const existing = files.filter(existsSync);
    expect(existing.length).toBeGreaterThanOrEqual(2);
    for (const file of existing) expect([file, asAnother("cat", file).exitCode]).toEqual([file, 1]);
    for (const folder of [data, logs]) {
      expect([folder, asAnother("ls", folder).exitCode]).not.toEqual([folder, 0]);
      expect(asAnother("find", folder, "-type", "f", "-readable").stdout.toString()).toBe("");
    }
  });
}
