import { expect, test } from "bun:test";
import { BAD_UUIDS } from "../support/api/badInput.ts";
import { type Answer, get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { moneyOf, reserve } from "../support/api/reservations.ts";

const BAD_IN_PATH = BAD_UUIDS.filter((one): one is string => typeof one === "string" && one !== "").map(
  encodeURIComponent,
);

function expectBadId(answer: Answer, path: string): void {
  const [error] = answer.body.errors ?? [];
  expect([path, answer.status, error?.field]).toEqual([path, 400, "reservationId"]);
  expectProblem(answer, "invalid_request", path, { errors: [{ field: "reservationId", message: error.message }] });
}

test("a malformed reservation id in the path is refused, and the key stays unused", async () => {
  const userId = await userWith("10.00");
  const key = crypto.randomUUID();
  for (const id of [...BAD_IN_PATH, "%00", "%E0%A4%A", "..%2Fx"]) {
    expectBadId(await get(`/v1/reservations/${id}`), `/v1/reservations/${id}`);
    for (const [route, body] of [
      ["recognitions", {}],
      ["releases", {}],
      ["extensions", { ttlSeconds: 60 }],
    ] as const) {
      const path = `/v1/reservations/${id}/${route}`;
      expectBadId(await post(path, body, { key }), path);
    }
  }
  const { reservationId } = await reserve(userId, "1.00");
  const answer = await post(`/v1/reservations/${reservationId}/releases`, {}, { key, wait: 20 });
  expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
});

test("a malformed user id in the path of the list is refused", async () => {
  for (const userId of ["%20", ".alice", "a%2Fb", "a".repeat(65), "-"]) {
    const path = `/v1/users/${userId}/reservations`;
    const answer = await get(path);
    expect([path, answer.status, answer.body.errors?.[0]?.field]).toEqual([path, 400, "userId"]);
  }
});

test("an empty or missing body on the routes by id means all that remains", async () => {
  const userId = await userWith("10.00");
  for (const route of ["recognitions", "releases"]) {
    for (const body of ["", "{}"]) {
      const { reservationId } = await reserve(userId, "2.00");
      const answer = await post(`/v1/reservations/${reservationId}/${route}`, body, { wait: 20 });
      expect([answer.status, answer.body.amount]).toEqual([200, "2.00"]);
    }
  }
  expect(await moneyOf(userId)).toBe("6.00 + 0.00");
});
