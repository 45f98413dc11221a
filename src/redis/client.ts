import { type CommonRedisOptions, Redis } from "ioredis";
import type { OnConnection } from "../lib/connections.ts";
import { readSecret, type Secret } from "../lib/secrets.ts";
import { readTls, type TlsSettings } from "../lib/tls.ts";

/** A `rediss://` address turns on TLS. */
export type RedisSettings = { url: Secret; tls: TlsSettings };

/**
 * Creates a connection that answers or fails within `commandTimeoutMs`, without an offline queue.
 * An unreachable cache must not delay its callers. The connection retries in the background, at least once a second,
 * and reads the address and the certificates anew each time. Commands of the same moment are sent in one write
 * (auto-pipelining). Under load single writes were a third of the work of a read.
 */
export function createRedis(
  settings: RedisSettings,
  commandTimeoutMs = 100,
  onConnection: OnConnection = () => {},
): Redis {
  const redis = new Redis({
    ...readServer(settings),
    connectTimeout: 1_000,
    commandTimeout: commandTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    retryStrategy(attempt) {
      try {
        Object.assign(redis.options, readServer(settings));
      } catch (error) {
        onConnection(error);
      }
      return Math.min(attempt * 100, 1_000);
    },
  });
  // The next command throws to its caller where Redis is unreachable.
  redis.on("error", onConnection);
  redis.on("ready", () => onConnection());
  return redis;
}

/** The present address as options. The client would parse an address only once. */
function readServer({ url, tls }: RedisSettings) {
  const { protocol, hostname, port, username, password, pathname } = parse(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    host,
    port: Number(port || 6379),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === "rediss:" && { tls: readTls(tls, host) }),
  } satisfies CommonRedisOptions & { host: string; port: number };
}

/** The error does not contain the address, as the platform's would. */
function parse(url: Secret): URL {
  const address = URL.parse(readSecret(url));
  if (!address) throw new Error(`${url.variable}: must be a redis:// or rediss:// address`);
  return address;
}
