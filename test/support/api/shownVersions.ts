import { expect } from "bun:test";
import { type Answer, type RequestOptions, get, post } from "./client.ts";

/** Deposits and reads of balances through the API, and a count of the reads that showed less than was answered before they began. */
export function createShownVersions(asking: RequestOptions = {}) {
  const shown = new Map<string, number>();
  const show = (userId: string, version: number) => shown.set(userId, Math.max(shown.get(userId) ?? 0, version));
  /** Counts by source, and of those that showed less. */
  const reads = { cache: 0, ledger: 0, older: 0 };

  return {
    reads,

    /** Whether it was answered as completed. */
    async deposit(userId: string): Promise<boolean> {
      const { status, body } = await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 30, ...asking });
      if (status === 200) show(userId, body.balance.version);
      return status === 200;
    },

    /** One batch with a deposit for each user. Whether it was answered as completed. */
    async depositAll(userIds: readonly string[]): Promise<boolean> {
      const operations = userIds.map((userId) => ({
        kind: "deposit",
        idempotencyKey: crypto.randomUUID(),
        userId,
        amount: "1.00",
      }));
      const { status, body } = await post("/v1/batches", { operations }, { key: null, wait: 30, ...asking });
      if (status === 200) for (const { userId, balance } of body.operations) show(userId, balance.version);
      return status === 200;
    },

    async read(userId: string): Promise<Answer["body"]> {
      const before = shown.get(userId) ?? 0;
      const { status, body } = await get(`/v1/users/${userId}/balance`, asking);
      expect(status).toBe(200);
      reads[body.source as "cache" | "ledger"] += 1;
      if (body.version < before) reads.older += 1;
      show(userId, body.version);
      return body;
    },
  };
}
