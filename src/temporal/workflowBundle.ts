import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bundleWorkflowCode,
  DefaultLogger,
  type Logger,
  type WorkflowBundle,
  type WorkflowBundlePath,
} from "@temporalio/worker";

/** Written by scripts/image/bundleWorkflows.ts at image build. A working copy has no such file. */
const BUILT_PATH = fileURLToPath(new URL("../../dist/workflows.js", import.meta.url));
const SOURCES = fileURLToPath(new URL("..", import.meta.url));
/** The versions of all packages. */
const LOCK_FILE = fileURLToPath(new URL("../../bun.lock", import.meta.url));
/** The latest bundle of a working copy, named by the hash of its inputs. */
const CACHE = fileURLToPath(new URL("../../.dev/workflows", import.meta.url));

/** Loads the bundle of the image. A working copy bundles its sources once after each edit, which takes seconds. */
export async function loadWorkflowBundle(logger?: Logger): Promise<WorkflowBundle | WorkflowBundlePath> {
  if (existsSync(BUILT_PATH)) return { codePath: BUILT_PATH };
  const path = join(CACHE, `${await hashInputs(SOURCES)}.js`);
  const cached = await readFile(path, "utf8").catch(() => undefined);
  if (cached !== undefined) return { code: cached };
  const { code } = await bundleWorkflows(logger);
  await replaceCached(path, code);
  return { code };
}

/** Bundles src/workflows with webpack, as the SDK requires. */
export async function bundleWorkflows(logger: Logger = new DefaultLogger("WARN")) {
  return await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../workflows/index.ts", import.meta.url)),
    logger,
  });
}

/** Hashes the sources and the versions of packages. The bundle has their paths, too, in its source map. */
export async function hashInputs(sources: string): Promise<string> {
  const names = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
  const hash = createHash("sha256");
  for (const path of [LOCK_FILE, ...names.map((name) => join(sources, name))]) {
    hash.update(`${path}\0`).update(await readFile(path));
  }
  return hash.digest("hex");
}

/** Renames a complete file, since several processes may start at once. */
async function replaceCached(path: string, code: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, code);
  await rename(fresh, path);
  const old = (await readdir(CACHE)).filter((name) => name.endsWith(".js") && name !== basename(path));
  for (const name of old) await rm(join(CACHE, name), { force: true });
}
