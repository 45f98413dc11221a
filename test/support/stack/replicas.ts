import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";
import { type Answer, apiUrl, stack } from "../api/client.ts";
import { rawPost } from "../api/rawPost.ts";
import { eventually } from "../waiting.ts";

/** The stack's Saldo and further processes on the same stores, with other `settings`. They end with the block. */
export type Replicas = AsyncDisposable & {
  /** POSTs to the replicas in turn and waits. Requests then meet in the ledger and not in one process's queue. */
  post(path: string, body: object, key?: string): Promise<Answer>;
  /** Sends SIGTERM to one of the further processes, by index from 0. @returns its exit code */
  stop(other: number): Promise<number>;
  /** Addresses of all replicas, the stack's own first. */
  origins: readonly string[];
};

export async function startReplicas(others: number, settings: Record<string, string> = {}): Promise<Replicas> {
  const ports = Array.from({ length: others }, (_, index) => stack.ports.api + 1 + index);
  const processes = ports.map((port) =>
    Bun.spawn([process.execPath, join(rootDirectory, "src", "main.ts")], {
      env: { ...stack.environment, ...settings, PORT: `${port}`, NODE_NO_WARNINGS: "1" },
      stdio: ["ignore", logFile(port), logFile(port)],
    }),
  );
  async function stop(other: number): Promise<number> {
    processes[other]!.kill("SIGTERM");
    return await processes[other]!.exited;
  }
  async function end(): Promise<void> {
    for (const one of processes) one.kill("SIGTERM");
    await Promise.all(processes.map(({ exited }) => exited));
  }

  const origins = [apiUrl, ...ports.map((port) => `http://127.0.0.1:${port}`)];
  try {
    await Promise.all(origins.map((origin) => eventually(async () => (await fetch(`${origin}/readyz`)).ok, 60_000)));
  } catch (error) {
    await end();
    throw error;
  }
  let turn = 0;
  return {
    origins,
    stop,
    post(path, body, key) {
      turn += 1;
      return rawPost(`${origins[turn % origins.length]}${path}`, JSON.stringify(body), key);
    },
    [Symbol.asyncDispose]: end,
  };
}

function logFile(port: number) {
  return Bun.file(join(stack.site.directory, "log", `replica-${port}.log`));
}
