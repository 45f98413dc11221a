import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { reserve } from "../support/api/reservations.ts";

test("a reservation can be settled by callers that did not make it", async () => {
  const userId = await userWith("10.00");
  const { reservationId } = await reserve(userId, "4.00");
  const key = crypto.randomUUID();
  const part = { amount: "1.00", final: false };
  for (const sub of ["billing", "delivery"]) {
    const token = await mintToken({ sub });
    const answer = await post(`/v1/reservations/${reservationId}/recognitions`, part, { key, token, wait: 20 });
    expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
  }
  expect((await get(`/v1/reservations/${reservationId}`)).body).toMatchObject({
    recognized: "2.00",
    remaining: "2.00",
  });
});
