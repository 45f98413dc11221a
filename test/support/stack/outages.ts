import type { PartName } from "../../../scripts/stack/stack.ts";
import { partNames } from "../../../scripts/stack/stack.ts";
import { stack } from "../api/client.ts";

/** In its own way, by SIGKILL, or by SIGSTOP: then it neither answers nor refuses. */
export type Outage = "stopped" | "killed" | "frozen";

/** Takes a part away for the time of `during`, and gives it back whatever happens there. */
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

/** All parts well again, for the tests that follow. */
export async function restoreStack(): Promise<void> {
  for (const part of partNames) stack.thaw(part);
  await stack.up();
}
