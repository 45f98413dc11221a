import { Redis } from "ioredis";

/**
 * A connection that answers or fails within 100 ms and never queues what it cannot send: a cache that is away must cost its callers
 * nothing. It keeps trying to connect in the background, at least once a second.
 */
export function createRedis(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    connectTimeout: 1_000,
    commandTimeout: 100,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  // The next command says that Redis is away to whoever needs to know.
  redis.on("error", () => {});
  return redis;
}
