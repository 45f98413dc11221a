import { beforeEach, describe, expect, test } from "bun:test";
import { type CircuitBreaker, CircuitOpenError, createCircuitBreaker } from "../../src/lib/circuitBreaker.ts";
import { TimeoutError } from "../../src/lib/timeout.ts";

let nowMs: number;
let attempts: number;
let breaker: CircuitBreaker;

beforeEach(() => {
  nowMs = 1_000_000;
  attempts = 0;
  breaker = createCircuitBreaker("Redis", 20, () => nowMs);
});

const succeed = async () => {
  attempts += 1;
  return attempts;
};

const fail = async () => {
  attempts += 1;
  throw new Error("away");
};

const hang = () => {
  attempts += 1;
  return new Promise<never>(() => {});
};

describe("a circuit breaker", () => {
  test("work that succeeds in time returns its result, again and again", async () => {
    expect(await breaker(succeed)).toBe(1);
    expect(await breaker(succeed)).toBe(2);
  });

  test("work that fails rejects with its own error", async () => {
    await expect(breaker(fail)).rejects.toThrow("away");
  });

  test("work that takes longer than the timeout rejects", async () => {
    await expect(breaker(hang)).rejects.toBeInstanceOf(TimeoutError);
  });

  test.each([
    ["failed", fail],
    ["hung", hang],
  ])("a store that %s is not called for the next 5 s, then again", async (_, trouble) => {
    await breaker(trouble).catch(() => {});
    nowMs += 4_999;
    await expect(breaker(succeed)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(attempts).toBe(1);
    nowMs += 1;
    expect(await breaker(succeed)).toBe(2);
  });

  test("a call that an open circuit refuses does not prolong the 5 s", async () => {
    await breaker(fail).catch(() => {});
    nowMs += 4_000;
    await breaker(succeed).catch(() => {});
    nowMs += 1_000;
    expect(await breaker(succeed)).toBe(2);
  });

  test("a store that fails again opens the circuit again", async () => {
    await breaker(fail).catch(() => {});
    nowMs += 5_000;
    await breaker(fail).catch(() => {});
    nowMs += 4_999;
    await expect(breaker(succeed)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(attempts).toBe(2);
  });

  test("the circuit of one store is not that of another", async () => {
    await breaker(fail).catch(() => {});
    expect(await createCircuitBreaker("Kafka", 20, () => nowMs)(succeed)).toBe(2);
  });
});
