import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { eventually } from "../waiting.ts";

/** A process of the release with ROLE=all. It ends with the block. */
export type OldProcess = AsyncDisposable & {
  origin: string;
  /** Sends SIGTERM. @returns the exit code */
  stop(): Promise<number>;
};

/** Starts the release in this folder on the stack's stores, on the next port. */
export async function startOldProcess({ environment, ports, site }: Stack, folder: string): Promise<OldProcess> {
  const port = ports.api + 1;
  const log = site.logFile("release");
  mkdirSync(join(log, ".."), { recursive: true });
  const child = Bun.spawn([process.execPath, join(folder, "src", "main.ts")], {
    cwd: folder,
    env: { ...environment, PORT: `${port}`, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", Bun.file(log), Bun.file(log)],
  });
  const stop = async () => {
    child.kill("SIGTERM");
    return await child.exited;
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`The release ended with ${child.exitCode}: see ${log}`);
      return (await fetch(`${origin}/readyz`)).ok;
    }, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
