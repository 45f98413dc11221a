import { setTimeout as sleep } from "node:timers/promises";

/** Who still waits for the ledger then is answered 202: waiting on would end in a cut connection, which tells less. */
const PATIENCE_MS = 3_000;

const LOOK_EVERY_MS = 20;

/**
 * Takes no new connections, answers every request that has come in, and then hangs up on who holds a connection without a request. Bun's own stop
 * would wait for those, too.
 */
export async function closeServer(server: Bun.Server<unknown>, endPatience: () => void): Promise<void> {
  void server.stop();
  const timer = setTimeout(endPatience, PATIENCE_MS);
  while (server.pendingRequests > 0) await sleep(LOOK_EVERY_MS);
  clearTimeout(timer);
  await server.stop(true);
}
