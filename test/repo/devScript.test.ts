import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";

/** A folder that comes first in the PATH: another platform's uname, a recording Docker client. */
let programs: string;

beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "saldo-programs."));
});

afterAll(() => {
  rmSync(programs, { recursive: true, force: true });
});

function addProgram(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}

const PLATFORMS = ["Darwin arm64", "Linux aarch64"];
const CALLS = "docker-calls";

/** Runs ./dev on a machine of this platform. A Docker engine answers there, or not. */
async function dev(platform: string, hasEngine: boolean, ...parameters: string[]) {
  const [system, machine] = platform.split(" ");
  addProgram("uname", `[ "$1" = -s ] && echo ${system} || echo ${machine}`);
  const states = ["postgres", "redis", "kafka", "temporal", "saldo"].map((name) => `echo ${name} healthy`);
  addProgram(
    "docker",
    `echo "$*" $\{SIGNING_KEY:+with keys} >>${join(programs, CALLS)}
${hasEngine ? "" : "exit 1"}
case "$*" in *--format*) ${states.join("; ")};; esac`,
  );
  writeFileSync(join(programs, CALLS), "");
  const child = Bun.spawn([join(rootDirectory, "dev"), ...parameters], {
    env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, SIGNING_KEY: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const isProbe = (call: string) => /^(info|compose version)/.test(call);
  const calls = readFileSync(join(programs, CALLS), "utf8").trim().split("\n");
  return { code, out, err, calls: calls.filter((call) => !isProbe(call)) };
}

test("on other platforms the stack starts, reports and stops in Docker", async () => {
  for (const platform of PLATFORMS) {
    const up = await dev(platform, true, "up");
    expect(up).toMatchObject({ code: 0, calls: ["compose up --build --wait --remove-orphans with keys"] });
    const status = await dev(platform, true, "status");
    expect([status.code, status.calls[0]]).toEqual([0, "compose ps --all with keys"]);
  }
  const down = await dev("Darwin arm64", true, "down");
  expect(down).toMatchObject({ code: 0, calls: ["compose down --remove-orphans with keys"] });
  const reset = await dev("Darwin arm64", true, "reset");
  expect(reset).toMatchObject({ code: 0, calls: ["compose down --remove-orphans --volumes with keys"] });
}, 60_000);

test("on other platforms a token needs no Docker", async () => {
  const { code, out, err } = await dev("Darwin arm64", false, "token");
  expect([code, out.split(".").length, err]).toEqual([0, 3, ""]);
});

test("without a Docker engine other platforms get one sentence that names the need", async () => {
  for (const platform of PLATFORMS) {
    for (const command of ["demo", "up", "down", "reset", "status"]) {
      expect(await dev(platform, false, command)).toEqual({
        code: 1,
        out: "",
        err: `On ${platform} ./dev ${command} needs Docker with Compose, and no engine answers: start it, then run this again.\n`,
        calls: [],
      });
    }
  }
});

test("tests and other native commands refuse other platforms in one sentence", async () => {
  for (const command of ["test", "bench", "fuzz", "contracts"]) {
    const { code, out, err } = await dev("Darwin arm64", true, command);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      `./dev ${command} runs on Linux x86-64 only, this is Darwin arm64: run it on such a machine, or in CI.\n`,
    );
  }
});
