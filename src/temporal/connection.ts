import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";

const RETRY_PAUSE_MS = 1_000;

/** Client and workers share one connection: an eager start needs that. */
type Temporal = { client: Client; connection: NativeConnection };

/** Connects to Temporal, and retries every second until it succeeds: the API serves reads meanwhile. */
export function connectTemporal(address: string, namespace: string, log: Logger) {
  let current: Temporal | undefined;

  async function connect(): Promise<Temporal> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const connection = await NativeConnection.connect({ address, grpcCompression: { codec: "none" } });
        current = { connection, client: new Client({ connection, namespace }) };
        return current;
      } catch (error) {
        if (attempt === 1) log.warn({ err: error }, "Temporal is unreachable; retrying every second");
        await sleep(RETRY_PAUSE_MS);
      }
    }
  }

  return {
    /** Resolves with the first connection, which the SDK then reconnects by itself. */
    connected: connect(),
    current: () => current,
  };
}
