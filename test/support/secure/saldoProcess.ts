import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";
import { eventually } from "../waiting.ts";

/** Starts one process of Saldo and waits until it is alive. It ends with the block. */
export async function startProcess(variables: Record<string, string>) {
  const child = Bun.spawn([process.execPath, join(rootDirectory, "src", "main.ts")], {
    env: { ...variables, PATH: process.env.PATH, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const reads = [child.stdout, child.stderr].map(async (stream) => {
    for await (const chunk of stream) output += Buffer.from(chunk).toString();
  });
  const origin = `http://127.0.0.1:${variables.PORT}`;
  const stopped = {
    origin,
    /** The lines of the log that it has written. */
    log: () => output.split("\n").filter((line) => line !== ""),
    async parts(): Promise<Record<string, string>> {
      const answer = (await (await fetch(`${origin}/readyz`)).json()) as { parts: Record<string, string> };
      return answer.parts;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await Promise.all(reads);
    },
  };
  try {
    await eventually(async () => (await fetch(`${origin}/healthz`)).ok, 60_000);
  } catch (error) {
    await stopped[Symbol.asyncDispose]();
    throw new Error(`Saldo did not start:\n${output}`, { cause: error });
  }
  return stopped;
}
