import { afterAll, expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { depositOne } from "../support/temporal/depositCarriers.ts";
import { eventually } from "../support/waiting.ts";

afterAll(restoreStack);

const audit = () => post("/v1/audits", "", { key: null, wait: 30 });

/** Starts an audit and waits for its end, also beyond a request's 30 s. */
async function awaitAudit() {
  const { body } = await post("/v1/audits", "", { key: null });
  return await eventually(async () => {
    const latest = await get("/v1/audits/latest");
    return latest.body.auditId === body.auditId && latest.body;
  }, 90_000);
}

test("an audit without Redis and Kafka has no findings, lists both as not checked, and checks them later", async () => {
  const userId = uniqueUserId("audit");
  await withOutage("kafka", "killed", () =>
    withOutage("redis", "killed", async () => {
      await depositOne(userId);
      const { checked, ...audited } = await awaitAudit();
      expect(audited).toMatchObject({
        verdict: "incomplete",
        notChecked: ["cache", "events"],
        findings: [],
        watermark: null,
      });
      expect(checked.accounts).toBeGreaterThan(0);
      expect(Object.keys(checked)).not.toContain("events");
    }),
  );
  expect((await awaitAudit()).verdict).toBe("clean");
});

test("without Temporal no audit starts, and the last one can be read", async () => {
  const before = await awaitAudit();
  await withOutage("temporal", "killed", async () => {
    const { status, headers, body } = await audit();
    expect([status, body.code]).toEqual([503, "temporal_unavailable"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await get("/v1/audits/latest")).body).toEqual(before);
  });
});
