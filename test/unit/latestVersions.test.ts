import { beforeEach, expect, test } from "bun:test";
import { createLatestVersions, type LatestVersions } from "../../src/redis/latestVersions.ts";

const TTL_SECONDS = 60;
/** Versions are kept for the TTL plus 15 s, and at most twice that. */
const GENERATION_MS = 75_000;
const USERS_MAX = 100_000;
/** The ledger's clock at the start of this process's. Both tick alike here. */
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

test("a version below a known one is not current; the same and higher ones are", () => {
  versions.remember(known("alice", 2));
  versions.remember(known("alice", 1));
  expect([1, 2, 3].map((version) => versions.isCurrent(known("alice", version)))).toEqual([false, true, true]);
  expect(versions.isCurrent(known("bob", 1))).toBe(true);
});

test("a version is kept for the TTL of any balance that was cached before it", () => {
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

test("forgetting in time does not reject balances within their TTL", () => {
  for (nowMs = 0; nowMs <= 10 * GENERATION_MS; nowMs += 500) {
    versions.remember(known("bob", 1));
    expect(versions.isCurrent(known("alice", 1, nowMs - TTL_SECONDS * 1_000 + 500))).toBe(true);
  }
});

test("beyond the limit of users a time remains: nothing from before the forgotten ones is current", () => {
  versions.remember(known("alice", 2));
  fill(USERS_MAX, "early");
  expect(versions.isCurrent(known("alice", 1))).toBe(false);
  nowMs = 20_000;
  fill(USERS_MAX + 1, "late");
  expect(versions.isCurrent(known("alice", 1, 0))).toBe(false);
  expect(versions.isCurrent(known("alice", 2, 15_000))).toBe(false);
  expect(versions.isCurrent(known("alice", 2, 15_001))).toBe(true);
});
