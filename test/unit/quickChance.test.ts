import { beforeEach, describe, expect, test } from "bun:test";
import { createQuickChance, type QuickChance, RecentTrouble } from "../../src/activities/quickChance.ts";
import { TimeLimitExceeded } from "../../src/timeLimit.ts";

let nowMs: number;
let attempts: number;
let quickly: QuickChance;

beforeEach(() => {
  nowMs = 1_000_000;
  attempts = 0;
  quickly = createQuickChance("Redis", 20, () => nowMs);
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

describe("a quick chance", () => {
  test("work that succeeds in time gives its result, again and again", async () => {
    expect(await quickly(succeed)).toBe(1);
    expect(await quickly(succeed)).toBe(2);
  });

  test("work that fails fails with its own error", async () => {
    await expect(quickly(fail)).rejects.toThrow("away");
  });

  test("work that takes longer than its limit is given up", async () => {
    await expect(quickly(hang)).rejects.toBeInstanceOf(TimeLimitExceeded);
  });

  test.each([
    ["failed", fail],
    ["hung", hang],
  ])("a store that %s is not even asked for the next 5 s, then again", async (_, trouble) => {
    await quickly(trouble).catch(() => {});
    nowMs += 4_999;
    await expect(quickly(succeed)).rejects.toBeInstanceOf(RecentTrouble);
    expect(attempts).toBe(1);
    nowMs += 1;
    expect(await quickly(succeed)).toBe(2);
  });

  test("being refused a chance does not make the 5 s longer", async () => {
    await quickly(fail).catch(() => {});
    nowMs += 4_000;
    await quickly(succeed).catch(() => {});
    nowMs += 1_000;
    expect(await quickly(succeed)).toBe(2);
  });

  test("a store that fails again is left alone again", async () => {
    await quickly(fail).catch(() => {});
    nowMs += 5_000;
    await quickly(fail).catch(() => {});
    nowMs += 4_999;
    await expect(quickly(succeed)).rejects.toBeInstanceOf(RecentTrouble);
    expect(attempts).toBe(2);
  });

  test("the trouble of one store is not that of another", async () => {
    await quickly(fail).catch(() => {});
    expect(await createQuickChance("Kafka", 20, () => nowMs)(succeed)).toBe(2);
  });
});
