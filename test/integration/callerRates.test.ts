import { afterAll, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { createCallerRates } from "../../src/redis/callerRates.ts";
import { stack } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

// Without a timeout, so that Redis counts here, however slow the machine is.
const redis = new Redis(stack.environment.REDIS_URL!);

afterAll(() => redis.disconnect());

test("processes count a caller's operations together, and those of other callers apart", async () => {
  const [one, other] = [1, 2].map(() => createCallerRates(redis, (work) => work(), 10));
  const [caller, otherCaller] = [uniqueUserId(), uniqueUserId()];
  expect(await one!.take(caller, 60)).toBeUndefined();
  expect(await other!.take(caller, 40)).toBeUndefined();
  for (const rates of [one!, other!]) {
    expect(await rates.take(caller, 1)).toBeWithin(1, 11);
    expect(await rates.take(otherCaller, 1)).toBeUndefined();
  }
});

test("a request for more than a window's limit takes the whole window and passes", async () => {
  const rates = createCallerRates(redis, (work) => work(), 1);
  const caller = uniqueUserId();
  expect(await rates.take(caller, 1_000)).toBeUndefined();
  expect(await rates.take(caller, 1)).toBeUndefined();
  expect(await rates.take(caller, 1)).toBeWithin(1, 11);
});
