import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";

const PAUSE_MS = 1_000;

export type Temporal = { client: Client; connection: NativeConnection };

export type TemporalLink = ReturnType<typeof linkTemporal>;

/**
 * Connects to Temporal, and goes on trying for as long as it is away: whoever starts meanwhile can still read, and be told what cannot be
 * done. Workers and clients share the one connection, which is what makes an eager start possible; once it stands it mends itself.
 */
export function linkTemporal(address: string, namespace: string, log: Logger) {
  let current: Temporal | undefined;

  async function connect(): Promise<Temporal> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const connection = await NativeConnection.connect({ address, grpcCompression: { codec: "none" } });
        current = { connection, client: new Client({ connection, namespace }) };
        return current;
      } catch (error) {
        if (attempt === 1) log.warn({ err: error }, "Temporal cannot be reached; trying on");
        await sleep(PAUSE_MS);
      }
    }
  }

  const connected = connect();
  return {
    /** Resolves once it stands. */
    connected,
    /** The connection, if it stands. */
    current: () => current,
  };
}
