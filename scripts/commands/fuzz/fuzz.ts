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
 * Tries the API with what schemathesis makes of the document, on a clean test stack, for so many seconds, and some more for the fixed phases.
 * @returns the exit code: other than 0 where anything was found.
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
        // It writes what it found into the folder where it runs.
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
    // The tester ends by the terminal's signal itself; the stack is then stopped in the ordinary way.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => tester.kill(signal));
    return await tester.exited;
  } finally {
    print();
    await stack.down();
  }
}

/** Exactly the files whose hashes stand in requirements.txt, nothing built from source. */
async function install(folder: string): Promise<void> {
  printPart("schemathesis", `installing ${version}`);
  await runTool([
    ...["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"],
    ...["--require-hashes", "--only-binary=:all:", "--target", folder, "--requirement"],
    join(settings, "requirements.txt"),
  ]);
}
