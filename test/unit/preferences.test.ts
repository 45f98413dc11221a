import { describe, expect, test } from "bun:test";
import { Problem } from "../../src/api/http/problems.ts";
import { parseKey, parseWait } from "../../src/api/operations/submission.ts";

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

describe("Idempotency-Key", () => {
  test.each([
    ["plain", "plain"],
    ['"quoted"', "quoted"],
    ['"a\\"b"', 'a"b'],
    ['"a\\\\b"', "a\\b"],
    [`"${"~".repeat(255)}"`, "~".repeat(255)],
    // Not a string of RFC 8941, so quotes and backslashes are part of the key.
    ['"', '"'],
    ['"open', '"open'],
    ['open"', 'open"'],
    ['a"b"c', 'a"b"c'],
    ['"a"b"', '"a"b"'],
    ['"a\\"', '"a\\"'],
    ['"a\\b"', '"a\\b"'],
    ["'single'", "'single'"],
  ])("%s is the key %s", (header, key) => {
    expect(parseKey(header)).toBe(key);
  });

  test.each([
    [undefined, "idempotency_key_required"],
    ["", "idempotency_key_required"],
    ['""', "idempotency_key_invalid"],
    ['"a b"', "idempotency_key_invalid"],
    ["ключ", "idempotency_key_invalid"],
    [`"${"~".repeat(256)}"`, "idempotency_key_invalid"],
  ] as const)("%p is refused as %s", (header, code) => {
    expect(() => parseKey(header)).toThrow(new Problem(code));
  });
});
