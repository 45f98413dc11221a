import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { get, post } from "../support/api.ts";
import { userWith } from "../support/funds.ts";
import { expectProblem } from "../support/problem.ts";
import { cases } from "../support/reservationCases.ts";
import { reserve } from "../support/reservations.ts";

const ALL = ["funds:write", "reservations:write", "balance:read", "reports:read", "audit"];

function without(scope: string): Promise<string> {
  return mintToken({ scope: ALL.filter((one) => one !== scope).join(" ") });
}

test.each(Object.entries(cases).map(([name, make]) => ({ name, make })))(
  "$name needs its scope, and no other",
  async ({ make }) => {
    const { kind, path, body } = await make();
    const scope = kind === "refund" ? "funds:write" : "reservations:write";
    const key = crypto.randomUUID();
    for (const token of [await without(scope), await mintToken({ scope: "" })]) {
      expectProblem(await post(path, body, { key, token, wait: 20 }), "insufficient_scope", path);
    }
    // Its lack is told before anything that is wrong with the request.
    expectProblem(await post(path, "[]", { key, token: await without(scope) }), "insufficient_scope", path);
    expectProblem(await post(path, body, { key, token: "x" }), "unauthenticated", path);
    const answer = await post(path, body, { key, token: await mintToken({ scope }), wait: 20 });
    expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
  },
);

test("reading reservations needs balance:read, and no other", async () => {
  const userId = await userWith("10.00");
  const { reservationId } = await reserve(userId, "1.00");
  for (const path of [`/v1/reservations/${reservationId}`, `/v1/users/${userId}/reservations`]) {
    expectProblem(await get(path, { token: await without("balance:read") }), "insufficient_scope", path);
    expectProblem(await get(path, { token: "x" }), "unauthenticated", path);
    expect((await get(path, { token: await mintToken({ scope: "balance:read" }) })).status).toBe(200);
  }
});

test("a reservation is not owned by the caller that made it", async () => {
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
