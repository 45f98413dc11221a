import { afterAll, expect, test } from "bun:test";
import { mintToken, readKeys } from "../../scripts/keys.ts";
import { get, post, put, stack } from "../support/api/client.ts";
import { anotherRsaKey, goodClaims, sign } from "../support/api/forgedTokens.ts";
import { getReport } from "../support/api/reports.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

/** A text in every field that callers fill in. */
const mark = `mark${crypto.randomUUID()}`;

const token = await mintToken({ sub: uniqueUserId("caller") });
const forged = await sign({ ...goodClaims(), comment: mark }, anotherRsaKey());

const link = new URL((await getReport("2016-02")).body.url);

afterAll(restoreStack);

/** Sends requests of all kinds, valid and invalid. */
async function askEverything(preference: { wait?: number }): Promise<void> {
  const userId = uniqueUserId();
  const texts = { comment: mark, source: mark };
  const order = { userId, serviceId: "s1", orderId: "o1", serviceName: mark };
  const deposit = { userId, amount: "10.00", ...texts };
  const asking = { token, ...preference };
  await post("/v1/deposits", deposit, asking);
  await post("/v1/withdrawals", { userId, amount: "99.00", comment: mark, destination: mark }, asking);
  await post("/v1/transfers", { fromUserId: userId, toUserId: uniqueUserId(), amount: "1.00", comment: mark }, asking);
  const { body } = await post("/v1/reservations", { ...order, amount: "1.00", comment: mark }, asking);
  await post(`/v1/reservations/${body.operationId}/recognitions`, { comment: mark }, asking);
  await post("/v1/batches", { operations: [{ kind: "deposit", idempotencyKey: mark, ...deposit }] }, asking);
  await put("/v1/services/s1", { name: mark }, { token });
  for (const bad of [{ ...deposit, amount: mark }, { ...deposit, [mark]: 1 }, `{"comment": "${mark}`]) {
    await post("/v1/deposits", bad, asking);
  }
  await post("/v1/deposits", deposit, { token: forged });
  await get(`/v1/users/${userId}/transactions?cursor=${mark}`, { token });
  await get(`/v1/users/${userId}/balance?consistency=strong`, { token });
  await get(`${link.pathname}${link.search}x`);
  await post("/v1/deposits", deposit, { ...asking, key: mark });
}

test("no token, signature, key or text of a caller is logged, and each line is a JSON document", async () => {
  await askEverything({ wait: 20 });
  await withOutage("postgres", "stopped", () => askEverything({}));
  const file = Bun.file(stack.site.logFile("saldo"));
  const log = await eventually(async () => {
    const text = await file.text();
    return text.includes("ledger_unavailable") && text;
  });
  const secrets = [mark, token, forged, ...[token, forged].flatMap((one) => one.split(".").slice(1))];
  secrets.push(link.searchParams.get("signature")!);
  for (const secret of [...secrets, readKeys().SIGNING_KEY, "saldo_service:"]) expect(log).not.toContain(secret);
  const lines = log.trimEnd().split("\n");
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
  for (const line of lines.filter((one) => one.includes("ledger_unavailable"))) {
    expect(JSON.parse(line)).toMatchObject({ requestId: expect.any(String) });
  }
});
