import { afterAll, expect, test } from "bun:test";
import { createCircuitBreaker } from "../../src/lib/circuitBreaker.ts";
import { createCallerRates } from "../../src/redis/callerRates.ts";
import { createRedis } from "../../src/redis/client.ts";
import { stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const redis = createRedis(at(stack.environment.REDIS_URL!), 5_000);

afterAll(async () => {
  redis.disconnect();
  await restoreStack();
});

test.each<Outage>(["frozen", "killed"])(
  "with Redis %s, each process counts by itself, and waits for Redis only once",
  async (outage) => {
    let calls = 0;
    const breaker = createCircuitBreaker("Redis", 100);
    const counted = <Result>(work: () => Promise<Result>) =>
      breaker(() => {
        calls += 1;
        return work();
      });
    const rates = createCallerRates(redis, counted, 1);
    await eventually(() => redis.ping());
    await withOutage("redis", outage, async () => {
      const [one, other] = [uniqueUserId(), uniqueUserId()];
      for (let count = 0; count < 10; count += 1) expect(await rates.take(one, 1)).toBeUndefined();
      expect(await rates.take(one, 1)).toBeWithin(1, 11);
      expect(await rates.take(other, 1)).toBeUndefined();
      expect(calls).toBe(1);
    });
  },
);
