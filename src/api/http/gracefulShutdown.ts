import { setTimeout as sleep } from "node:timers/promises";

/**
 * How long requests wait for their outcomes, or stream their answers, during a shutdown.
 *
 * Then they are answered 202, with the operation's id. A longer wait would end in a closed connection, without it.
 */
const OUTCOME_TIMEOUT_MS = 3_000;

const POLL_EVERY_MS = 20;

/**
 * Refuses new connections, answers every pending request, and then closes idle connections.
 *
 * Bun's own graceful stop would also wait for the idle ones.
 */
export async function closeServer(server: Bun.Server<unknown>, endWaits: () => void): Promise<void> {
  void server.stop();
  const timer = setTimeout(endWaits, OUTCOME_TIMEOUT_MS);
  while (server.pendingRequests > 0) await sleep(POLL_EVERY_MS);
  clearTimeout(timer);
  await server.stop(true);
}
