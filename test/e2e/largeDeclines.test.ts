import { expect, test } from "bun:test";
import { DECLINE_RESERVATIONS_MAX } from "../../src/ledger/operations.ts";
import { post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { moneyOf, uniqueOrderId } from "../support/api/reservations.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

test("a thousand declines about over a hundred reservations end their workflow and list the first hundred", async () => {
  const userId = await userWith("1000.00");
  const order = { userId, serviceId: "promotion", orderId: uniqueOrderId() };
  const open = DECLINE_RESERVATIONS_MAX + 1;
  const reserved = await postBatch(open, (index) => ({
    kind: "reservation",
    ...order,
    amount: "1.00",
    ttlSeconds: 3_600 - index,
  }));
  const ids: string[] = reserved.map(({ operationId }: { operationId: string }) => operationId);

  // Not pulled by the saga of these reservations, which runs while they are open.
  await awaitIdle();
  const declined = await postBatch(1_000, () => ({ kind: "recognition", ...order, amount: "2.00" }));
  for (const { code, reservationIds } of declined) {
    expect(code).toBe("amount_mismatch");
    expect(reservationIds).toEqual(ids.toReversed().slice(0, DECLINE_RESERVATIONS_MAX));
  }
  expect(await moneyOf(userId)).toBe(`${1_000 - open}.00 + ${open}.00`);

  const webUi = await openWebUi();
  await eventually(async () => (await webUi.status(declined[0].workflowId)) === "COMPLETED", 20_000);
  await webUi.close();
}, 60_000);

async function postBatch(count: number, make: (index: number) => object) {
  const operations = Array.from({ length: count }, (_, index) => ({
    idempotencyKey: crypto.randomUUID(),
    ...make(index),
  }));
  const answer = await post("/v1/batches", { operations }, { key: null, wait: 30 });
  expect(answer.status).toBe(200);
  return answer.body.operations;
}
