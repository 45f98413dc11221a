import { setTimeout as sleep } from "node:timers/promises";

/** Repeats `attempt` until it returns a value. Returns undefined where the next run would be after `endsAtMs`. */
export async function pollUntil<Result>(
  everyMs: number,
  endsAtMs: number,
  attempt: () => Promise<Result | undefined>,
): Promise<Result | undefined> {
  for (;;) {
    const result = await attempt();
    if (result !== undefined || Date.now() + everyMs > endsAtMs) return result;
    await sleep(everyMs);
  }
}
