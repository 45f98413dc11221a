import { join } from "node:path";
import { rootDirectory } from "../stack/site.ts";
import { partNames, type Stack } from "../stack/stack.ts";
import { print } from "../terminal.ts";

/** Prints a line for each part, then stuck work. @returns 0 if all parts are healthy and nothing is stuck, else 1 */
export async function printStatus(stack: Stack): Promise<number> {
  const rows = await Promise.all(
    partNames.map(async (name) => {
      const { state, pid, detail, healthy } = await stack.health(name);
      const megabytes = pid === undefined ? "-" : `${Math.round(stack.memory(name) / 1024 / 1024)} MB`;
      const note = healthy ? "" : ` (${detail})`;
      return { healthy, cells: [name, state, `${pid ?? "-"}`, megabytes, `${stack.address(name)}${note}`] };
    }),
  );
  const table = [["part", "state", "pid", "memory", "address"], ...rows.map((row) => row.cells)];
  for (const [part = "", state = "", pid = "", memory = "", address = ""] of table) {
    print(`${part.padEnd(10)} ${state.padEnd(8)} ${pid.padStart(8)} ${memory.padStart(8)}  ${address}`);
  }
  print("");
  const stuckWork = await printStuckWork(stack);
  return rows.every((row) => row.healthy) ? stuckWork : 1;
}

/** Runs the status command of the image, for the stack's stores. */
async function printStuckWork(stack: Stack): Promise<number> {
  const child = Bun.spawn([process.execPath, join(rootDirectory, "src/commands/status.ts")], {
    env: { ...process.env, ...stack.environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return await child.exited;
}
