import { afterAll, expect, test } from "bun:test";
import { get, stack } from "../support/api/client.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

afterAll(restoreStack);

test("the log line of a request refused by an infrastructure error contains its request id", async () => {
  const requestId = crypto.randomUUID();
  await withOutage("postgres", "stopped", async () => {
    const refused = await get("/v1/users/nobody/balance?consistency=strong", {
      headers: { "x-request-id": requestId },
    });
    expect([refused.status, refused.body.code]).toEqual([503, "ledger_unavailable"]);
    expect(refused.headers.get("x-request-id")).toBe(requestId);
  });
  const log = Bun.file(stack.site.logFile("saldo"));
  const line = await eventually(async () => (await log.text()).split("\n").find((one) => one.includes(requestId)));
  expect(JSON.parse(line as string)).toMatchObject({ code: "ledger_unavailable", requestId });
});
