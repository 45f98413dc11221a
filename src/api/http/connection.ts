import { setImmediate as nextTurn } from "node:timers/promises";
import { Problem } from "./problems.ts";

/**
 * Refuses a request whose connection was closed. Called right before an operation is handed on.
 *
 * Bun's parser finds some faults only behind the body: a trailer, or more bytes than declared. It then answers a bare
 * 400 and aborts the request, in the turn of the event loop that delivered the body. So the check waits for the next
 * turn: nothing that has arrived with its fault is handed on.
 *
 * @throws Problem `invalid_request`, which no caller receives
 */
export async function assertConnected({ signal }: { signal: AbortSignal }): Promise<void> {
  await nextTurn();
  if (signal.aborted) {
    throw new Problem("invalid_request", { detail: "The connection was closed before anything was accepted." });
  }
}
