import { expect } from "bun:test";
import { type Answer, get, post, type RequestOptions } from "./client.ts";

/**
 * Deposits and reads balances through the API, and counts stale reads.
 *
 * A read is stale if it shows an older version than an answer that was complete before the read began.
 */
export function createShownVersions(options: RequestOptions = {}) {
  const shown = new Map<string, number>();
  const show = (userId: string, version: number) => shown.set(userId, Math.max(shown.get(userId) ?? 0, version));
  /** Reads by source; `older` counts the stale ones. */
  const reads = { cache: 0, ledger: 0, older: 0 };

  return {
    reads,

    /** @returns whether the answer was a completed deposit */
    async deposit(userId: string): Promise<boolean> {
      const { status, body } = await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 30, ...options });
      if (status === 200) show(userId, body.balance.version);
      return status === 200;
    },

    /** Sends one batch with a deposit for each user. @returns whether the answer was a completed batch */
    async depositAll(userIds: readonly string[]): Promise<boolean> {
      const operations = userIds.map((userId) => ({
        kind: "deposit",
        idempotencyKey: crypto.randomUUID(),
        userId,
        amount: "1.00",
      }));
      const { status, body } = await post("/v1/batches", { operations }, { key: null, wait: 30, ...options });
      if (status === 200) for (const { userId, balance } of body.operations) show(userId, balance.version);
      return status === 200;
    },

    async read(userId: string): Promise<Answer["body"]> {
      const before = shown.get(userId) ?? 0;
      const { status, body } = await get(`/v1/users/${userId}/balance`, options);
      expect(status).toBe(200);
      reads[body.source as "cache" | "ledger"] += 1;
      if (body.version < before) reads.older += 1;
      show(userId, body.version);
      return body;
    },
  };
}
