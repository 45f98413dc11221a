import type { PartName } from "../../../scripts/stack/stack.ts";
import { partNames } from "../../../scripts/stack/stack.ts";
import { stack } from "../api/client.ts";

/** Graceful, by SIGKILL, or by SIGSTOP: a frozen part neither answers nor refuses. */
export type Outage = "stopped" | "killed" | "frozen";

/** Stops a part while `during` runs, and restarts it in any case. */
export async function withOutage<Result>(
  part: PartName,
  outage: Outage,
  during: () => Promise<Result>,
): Promise<Result> {
  try {
    await begin[outage](part);
    return await during();
  } finally {
    if (outage === "frozen") stack.thaw(part);
    else await stack.start(part);
  }
}

const begin = { stopped: stack.stop, killed: stack.kill, frozen: stack.freeze };

/** Restarts all parts for the next test. */
export async function restoreStack(): Promise<void> {
  for (const part of partNames) stack.thaw(part);
  await stack.up();
}
