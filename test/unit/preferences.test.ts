import { describe, expect, test } from "bun:test";
import { parseWait } from "../../src/api/operations/submission.ts";

describe("Prefer: wait=N", () => {
  test.each([
    ["wait=1", 1],
    ["wait=5", 5],
    ["wait=30", 30],
    ["WAIT=5", 5],
    ["  wait = 5 ", 5],
    ['wait="5"', 5],
    ["respond-async, wait=10", 10],
    ["wait=10, respond-async", 10],
    ["wait=5; note=why", 5],
    ["wait=5, wait=7", 5],
  ])("%p waits for %p s", (prefer, seconds) => {
    expect(parseWait(prefer)).toBe(seconds);
  });

  test.each([
    undefined,
    "",
    "wait",
    "wait=",
    "wait=0",
    "wait=31",
    "wait=100",
    "wait=-1",
    "wait=1.5",
    "wait=five",
    "waiting=5",
    "respond-async",
    "wait=31, wait=5",
    "wait=100, wait=5",
    "wait=five, wait=5",
  ])("%p is ignored", (prefer) => {
    expect(parseWait(prefer)).toBeUndefined();
  });
});
