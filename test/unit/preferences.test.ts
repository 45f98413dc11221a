import { describe, expect, test } from "bun:test";
import { parsePrefer, preferenceApplied } from "../../src/api/http/preferences.ts";
import { Problem } from "../../src/api/http/problems.ts";
import { parseKey } from "../../src/api/operations/submission.ts";

const DEFAULT_SECONDS = 5;

describe("a Prefer header", () => {
  test.each<[string, number, string]>([
    ["wait=0", 0, "wait=0"],
    ["wait=1", 1, "wait=1"],
    ["wait=7", 7, "wait=7"],
    ["wait=30", 30, "wait=30"],
    ["wait=31", 30, "wait=30"],
    ["wait=007", 7, "wait=7"],
    [`wait=${"9".repeat(400)}`, 30, "wait=30"],
    ["WAIT=7", 7, "wait=7"],
    ["  wait = 7 ", 7, "wait=7"],
    ['wait="7"', 7, "wait=7"],
    ["wait=7; note=why", 7, "wait=7"],
    ["wait=7, wait=9", 7, "wait=7"],
    ["handling=lenient, wait=7", 7, "wait=7"],
  ])("%p waits for %p s", (prefer, waitSeconds, wait) => {
    const preferences = parsePrefer(prefer, DEFAULT_SECONDS);
    expect(preferences).toEqual({ waitSeconds, wait });
    for (const isAccepted of [true, false]) {
      expect(preferenceApplied(preferences, isAccepted)).toEqual({ "preference-applied": wait });
    }
  });

  test.each([
    undefined,
    "",
    "wait",
    "wait=",
    "wait=-1",
    "wait=1.5",
    "wait=1e1",
    "wait=five",
    "waiting=7",
    "wait=five, wait=7",
    "handling=strict",
  ])("%p leaves the default, and nothing is applied", (prefer) => {
    const preferences = parsePrefer(prefer, DEFAULT_SECONDS);
    expect(preferences.waitSeconds).toBe(DEFAULT_SECONDS);
    for (const isAccepted of [true, false]) expect(preferenceApplied(preferences, isAccepted)).toEqual({});
  });

  test.each<[string, number, string, string | undefined]>([
    ["respond-async", 0, "respond-async", undefined],
    ["Respond-Async; foo", 0, "respond-async", undefined],
    ["respond-async, wait=x", 0, "respond-async", undefined],
    ["respond-async, wait=10", 10, "respond-async, wait=10", "wait=10"],
    ["wait=10, respond-async", 10, "respond-async, wait=10", "wait=10"],
  ])("%p waits for %p s, and only a 202 applies respond-async", (prefer, waitSeconds, accepted, finished) => {
    const preferences = parsePrefer(prefer, DEFAULT_SECONDS);
    expect(preferences.waitSeconds).toBe(waitSeconds);
    expect(preferenceApplied(preferences, true)).toEqual({ "preference-applied": accepted });
    expect(preferenceApplied(preferences, false)["preference-applied"]).toBe(finished);
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
