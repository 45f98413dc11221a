import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import type { OnConnection } from "../lib/connections.ts";
import { readSecret, type Secret } from "../lib/secrets.ts";
import type { TlsSettings } from "../lib/tls.ts";

const RETRY_PAUSE_MS = 1_000;

/** How often rotated certificates and keys are looked for. The connection itself would keep the old ones. */
const REREAD_EVERY_MS = 2_000;

export type TemporalSettings = {
  address: string;
  namespace: string;
  tls?: TlsSettings & { serverName?: string };
  apiKey?: Secret;
};

/** Client and workers share one connection: an eager start needs that. */
type Temporal = { client: Client; connection: NativeConnection };

/**
 * Connects to Temporal, and retries every second until it succeeds: the API serves reads meanwhile.
 * A rotated API key is set on the connection; rotated certificates need another connection.
 */
export function connectTemporal(settings: TemporalSettings, onConnection: OnConnection) {
  let current: Temporal | undefined;
  let used = "";
  let isClosed = false;
  let onReplaced = async (_connection: NativeConnection) => {};
  let isRenewing = false;

  async function open(): Promise<Temporal> {
    const credentials = readCredentials(settings);
    const connection = await NativeConnection.connect({
      address: settings.address,
      grpcCompression: { codec: "none" },
      ...toOptions(settings, credentials),
    });
    used = JSON.stringify(credentials);
    current = { connection, client: new Client({ connection, namespace: settings.namespace }) };
    onConnection();
    return current;
  }

  async function connect(): Promise<Temporal> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        onConnection(error);
      }
      await sleep(RETRY_PAUSE_MS);
      // It never resolves then, as for a process that ends unconnected.
      if (isClosed) await new Promise<never>(() => {});
    }
  }

  async function renew(): Promise<void> {
    const former = current;
    if (!former) return;
    try {
      const credentials = readCredentials(settings);
      if (JSON.stringify(credentials) === used) return;
      if (JSON.stringify({ ...JSON.parse(used), apiKey: credentials.apiKey }) === JSON.stringify(credentials)) {
        await former.connection.setApiKey(credentials.apiKey!);
        used = JSON.stringify(credentials);
        return;
      }
      // The SDK refuses to close a connection that a worker still uses.
      await onReplaced((await open()).connection);
      await former.connection.close();
    } catch (error) {
      onConnection(error);
    }
  }
  const renewing = setInterval(async () => {
    if (isRenewing) return;
    isRenewing = true;
    await renew();
    isRenewing = false;
  }, REREAD_EVERY_MS).unref();

  return {
    /** Resolves with the first connection, which the SDK then reconnects by itself. */
    connected: connect(),
    current: () => current,
    /** Passes each further connection to the workers. The former one is closed afterwards. */
    onReplaced(listener: (connection: NativeConnection) => Promise<void>): void {
      onReplaced = listener;
    },

    async close(): Promise<void> {
      isClosed = true;
      clearInterval(renewing);
      await current?.connection.close();
    },
  };
}

/** The present certificates and key. */
function readCredentials({ tls, apiKey }: TemporalSettings) {
  const read = (secret: Secret | undefined) => secret && readSecret(secret);
  return { ca: read(tls?.ca), cert: read(tls?.cert), key: read(tls?.key), apiKey: read(apiKey) };
}

function toOptions({ tls }: TemporalSettings, { ca, cert, key, apiKey }: ReturnType<typeof readCredentials>) {
  return {
    ...(tls && {
      tls: {
        ...(tls.serverName && { serverNameOverride: tls.serverName }),
        ...(ca && { serverRootCACertificate: Buffer.from(ca) }),
        ...(cert && key && { clientCertPair: { crt: Buffer.from(cert), key: Buffer.from(key) } }),
      },
    }),
    ...(apiKey && { apiKey }),
  };
}
