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
  test("returns the result of work that succeeds in time", async () => {
    expect(await breaker(succeed)).toBe(1);
    expect(await breaker(succeed)).toBe(2);
  });

  test("rejects with the error of work that fails", async () => {
    await expect(breaker(fail)).rejects.toThrow("away");
  });

  test("rejects work that takes longer than the timeout", async () => {
    await expect(breaker(hang)).rejects.toBeInstanceOf(TimeoutError);
  });

  test.each([
    ["failed", fail],
    ["hung", hang],
  ])("does not call a store that %s for the next 5 s, then calls it again", async (_, work) => {
    await breaker(work).catch(() => {});
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

  test("opens again where the store fails again", async () => {
    await breaker(fail).catch(() => {});
    nowMs += 5_000;
    await breaker(fail).catch(() => {});
    nowMs += 4_999;
    await expect(breaker(succeed)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(attempts).toBe(2);
  });

  test("of one store is independent of that of another", async () => {
    await breaker(fail).catch(() => {});
    expect(await createCircuitBreaker("Kafka", 20, () => nowMs)(succeed)).toBe(2);
  });
});
