import { join } from "node:path";
import { mintToken } from "../../keys.ts";
import { devDirectory } from "../../stack/site.ts";
import { createStack } from "../../stack/stack.ts";
import { ensureFolder, ensureTools, runTool } from "../../stack/tools.ts";
import { print, printPart } from "../../terminal.ts";

const version = "4.32.5";
const home = join(devDirectory, "schemathesis", version);
const settings = import.meta.dir;

/**
 * Sends requests that schemathesis generates from the OpenAPI document.
 * Runs on a clean test stack, for `seconds` and the time of schemathesis's fixed phases.
 * @returns the exit code: other than 0 if a check failed
 */
export async function runFuzz(seconds: number): Promise<number> {
  await ensureTools("python3", "pip");
  await ensureFolder(home, install);
  const stack = createStack("test");
  try {
    await stack.reset();
    await stack.up();
    const tester = Bun.spawn(
      [
        ...["python3", "-m", "schemathesis.cli", "--config-file", join(settings, "schemathesis.toml"), "run"],
        ...["--max-time", `${seconds}`, `http://127.0.0.1:${stack.ports.api}/swagger/json`],
      ],
      {
        // Schemathesis writes its findings to its working directory.
        cwd: join(devDirectory, "test"),
        env: {
          ...process.env,
          PYTHONPATH: home,
          PYTHONDONTWRITEBYTECODE: "1",
          SCHEMATHESIS_HOOKS: join(settings, "hooks.py"),
          SALDO_TOKEN: await mintToken(),
        },
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    // Ends schemathesis on a signal; the `finally` block then stops the stack.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => tester.kill(signal));
    return await tester.exited;
  } finally {
    print();
    await stack.down();
  }
}

/** Installs only files whose hashes are in requirements.txt, and builds nothing from source. */
async function install(folder: string): Promise<void> {
  printPart("schemathesis", `installing ${version}`);
  await runTool([
    ...["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"],
    ...["--require-hashes", "--only-binary=:all:", "--target", folder, "--requirement"],
    join(settings, "requirements.txt"),
  ]);
}
