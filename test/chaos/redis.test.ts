import { afterAll, describe, expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

afterAll(restoreStack);

describe.each<Outage>(["stopped", "frozen"])("While Redis is %s", (outage) => {
  test("money moves and balances are read from the ledger, and afterwards the cache serves reads again", async () => {
    const userId = uniqueUserId("redis");
    const balance = async (query = "") => await get(`/v1/users/${userId}/balance${query}`);
    await post("/v1/deposits", { userId, amount: "10.00" }, { wait: 10 });
    expect((await balance()).body).toMatchObject({ available: "10.00", source: "cache" });

    await withOutage("redis", outage, async () => {
      for (const [version, available] of ["11.00", "12.00", "13.00"].entries()) {
        const deposited = await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 10 });
        expect(deposited.status).toBe(200);
        expect(deposited.body.balance).toEqual({ available, reserved: "0.00", version: version + 2 });
        const read = await balance();
        expect(read.status).toBe(200);
        expect(read.body).toMatchObject({ available, version: version + 2, source: "ledger" });
      }
      expect((await balance("?consistency=strong")).body).toMatchObject({ available: "13.00", source: "ledger" });
      expect((await get(`/v1/users/${uniqueUserId("nobody")}/balance`)).body.code).toBe("account_unknown");
    });

    const cached = await eventually(async () => {
      const { body } = await balance();
      return body.source === "cache" && body;
    }, 20_000);
    expect(cached).toMatchObject({ available: "13.00", version: 4 });
    await post("/v1/withdrawals", { userId, amount: "3.00" }, { wait: 10 });
    expect((await balance()).body).toMatchObject({ available: "10.00", version: 5, source: "cache" });
  });
});
