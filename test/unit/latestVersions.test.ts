import { beforeEach, expect, test } from "bun:test";
import { createLatestVersions, type LatestVersions } from "../../src/activities/latestVersions.ts";

const TTL_SECONDS = 60;
/** Versions are remembered for the TTL and 15 s at least, and twice that at most. */
const GENERATION_MS = 75_000;
const USERS_MAX = 100_000;
/** The ledger's clock when this process's began; the two tick alike here. */
const LEDGER_EPOCH_MS = 1_800_000_000_000;

let nowMs: number;
let versions: LatestVersions;

beforeEach(() => {
  nowMs = 0;
  versions = createLatestVersions(TTL_SECONDS, () => nowMs);
});

const known = (userId: string, version: number, atMs = nowMs) => ({
  userId,
  version,
  asOf: new Date(LEDGER_EPOCH_MS + atMs),
});

function fill(users: number, name: string): void {
  for (let index = 0; index < users; index += 1) versions.remember(known(`${name}-${index}`, 1));
}

test("an older version than a known one is not current, the same and newer ones are", () => {
  versions.remember(known("alice", 2));
  versions.remember(known("alice", 1));
  expect([1, 2, 3].map((version) => versions.isCurrent(known("alice", version)))).toEqual([false, true, true]);
  expect(versions.isCurrent(known("bob", 1))).toBe(true);
});

test("a version is remembered for the TTL of whatever was cached before it", () => {
  versions.remember(known("alice", 2));
  for (nowMs = 0; nowMs <= TTL_SECONDS * 1_000; nowMs += 1_000) {
    versions.remember(known("bob", 1));
    expect(versions.isCurrent(known("alice", 1, 0))).toBe(false);
  }
});

test("a balance from before a forgotten version is never current, however late it is cached", () => {
  versions.remember(known("alice", 2));
  const before = known("alice", 1, 14_000);
  for (nowMs = GENERATION_MS; nowMs <= 10 * GENERATION_MS; nowMs += GENERATION_MS) {
    versions.remember(known("bob", 1));
    expect(versions.isCurrent(before)).toBe(false);
  }
});

test("forgetting in time distrusts nothing that a TTL keeps in the cache", () => {
  for (nowMs = 0; nowMs <= 10 * GENERATION_MS; nowMs += 500) {
    versions.remember(known("bob", 1));
    expect(versions.isCurrent(known("alice", 1, nowMs - TTL_SECONDS * 1_000 + 500))).toBe(true);
  }
});

test("more users than fit leave a bound behind: nothing from before the forgotten ones is current", () => {
  versions.remember(known("alice", 2));
  fill(USERS_MAX, "early");
  expect(versions.isCurrent(known("alice", 1))).toBe(false);
  nowMs = 20_000;
  fill(USERS_MAX + 1, "late");
  expect(versions.isCurrent(known("alice", 1, 0))).toBe(false);
  expect(versions.isCurrent(known("alice", 2, 15_000))).toBe(false);
  expect(versions.isCurrent(known("alice", 2, 15_001))).toBe(true);
});
