import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { runTool } from "../../scripts/stack/tools.ts";

/** The files of the image's last stage, without a base system. They are removed with the block. */
export type ImageTree = AsyncDisposable & { directory: string };

/**
 * Runs the steps of the Dockerfile without Docker, each stage in a folder.
 *
 * It follows FROM, COPY and RUN, and .dockerignore as a list of exceptions. Its limits: no base images, no users, no
 * layers; the installed packages come from Bun's cache.
 */
export async function buildImageTree(): Promise<ImageTree> {
  // Outside the repository, whose own node_modules would be found from a folder in it.
  const workspace = mkdtempSync(join(tmpdir(), "saldo-image."));
  const binaries = join(workspace, "bin");
  mkdirSync(binaries);
  symlinkSync(process.execPath, join(binaries, "bun"));

  const stages = new Map<string, string>();
  let stage = "";
  for (const [instruction, ...words] of await readInstructions()) {
    if (instruction === "FROM") {
      const [base, , name] = words;
      stage = join(workspace, name ?? "final");
      mkdirSync(stage);
      const from = stages.get(base!);
      if (from) await copy(from, stage, "--link");
      stages.set(name ?? "final", stage);
    } else if (instruction === "COPY") {
      const [from] = words.filter((word) => word.startsWith("--from="));
      const paths = words.filter((word) => word !== from);
      const target = join(stage, paths.pop()!);
      const source = from ? stages.get(from.slice("--from=".length))! : rootDirectory;
      if (!from) await assertInContext(paths);
      for (const path of paths.map((one) => one.replace(/^\/saldo\//, ""))) {
        await copy(join(source, path), target.endsWith("/") ? join(target, path) : target, ...(from ? ["--link"] : []));
      }
    } else if (instruction === "RUN") {
      await runTool(["env", "-C", stage, `PATH=${binaries}:${process.env.PATH}`, "sh", "-c", words.join(" ")]);
    }
  }
  return {
    directory: stages.get("final")!,
    async [Symbol.asyncDispose]() {
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

/** Copies a file, or the content of a folder. With "--link" packages take no space; sources stay apart. */
async function copy(source: string, target: string, ...options: string[]): Promise<void> {
  const isFolder = statSync(source).isDirectory();
  mkdirSync(isFolder ? target : dirname(target), { recursive: true });
  await runTool(["cp", "-a", ...options, isFolder ? `${source}/.` : source, target]);
}

async function readInstructions(): Promise<string[][]> {
  const text = await Bun.file(join(rootDirectory, "Dockerfile")).text();
  return text
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => line.split(/\s+/));
}

/** Fails for a path that .dockerignore keeps out of the build context. */
async function assertInContext(paths: string[]): Promise<void> {
  const [all, ...admitted] = (await Bun.file(join(rootDirectory, ".dockerignore")).text()).trim().split("\n");
  const isAdmitted = (path: string) => admitted.some((rule) => `${path}/`.startsWith(`${rule.slice(1)}/`));
  const missing = paths.filter((path) => all !== "*" || !isAdmitted(path));
  if (missing.length > 0) throw new Error(`${missing.join(", ")} is not in the build context: see .dockerignore`);
}
