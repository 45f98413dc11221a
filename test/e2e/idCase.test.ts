import { expect, test } from "bun:test";
import { type Answer, get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { moneyOf, pathOf, reserve } from "../support/api/reservations.ts";

/** The id in capitals, and in mixed case. */
const spellings = (id: string) => [id.toUpperCase(), id.replace(/[a-f]/, (letter) => letter.toUpperCase())];

/** Sends the request, then its other spellings under the same key. @returns the first answer */
async function expectReplays(path: string, body: object, others: [path: string, body: object][]): Promise<Answer> {
  const key = crypto.randomUUID();
  const answer = await post(path, body, { key, wait: 20 });
  expect(answer.status).toBe(200);
  for (const [otherPath, otherBody] of others) {
    const replay = await post(otherPath, otherBody, { key, wait: 20 });
    expect([replay.status, replay.body]).toEqual([200, answer.body]);
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
  }
  return answer;
}

test("ids in either case are the same reservation, recognition and operation on every route", async () => {
  const userId = await userWith("10.00");
  const { reservationId } = await reserve(userId, "10.00");
  const [capitals, mixed] = spellings(reservationId) as [string, string];
  for (const id of [capitals, mixed])
    expect((await get(`/v1/reservations/${id}`)).body).toMatchObject({ reservationId });

  const extension = { ttlSeconds: 60 };
  await expectReplays(pathOf(capitals, "extensions"), extension, [[pathOf(reservationId, "extensions"), extension]]);
  const release = { amount: "1.00" };
  await expectReplays(pathOf(reservationId, "releases"), release, [
    [pathOf(capitals, "releases"), release],
    [pathOf(mixed, "releases"), { amount: "1" }],
  ]);
  const recognition = { amount: "5.00", final: false };
  const recognized = await expectReplays(pathOf(mixed, "recognitions"), recognition, [
    [pathOf(reservationId, "recognitions"), recognition],
  ]);
  expect(recognized.body.reservationId).toBe(reservationId);

  const recognitionId: string = recognized.body.operationId;
  const refunds = [recognitionId, ...spellings(recognitionId)].map((id): [string, object] => [
    "/v1/refunds",
    { recognitionId: id, amount: "2.00" },
  ]);
  const refunded = await expectReplays(...refunds[1]!, [refunds[0]!, refunds[2]!]);
  expect(refunded.body).toMatchObject({ recognitionId, reservationId });
  const refundedNow = { ...recognized.body, refunded: "2.00", refundable: "3.00" };
  for (const id of spellings(recognitionId)) expect((await get(`/v1/operations/${id}`)).body).toEqual(refundedNow);
  expect(await moneyOf(userId)).toBe("3.00 + 4.00");
});

test("ids in either case are the same in a batch, and alone under the same keys", async () => {
  const userId = await userWith("10.00");
  const { reservationId } = await reserve(userId, "10.00");
  const key = crypto.randomUUID();
  const id = reservationId.toUpperCase();
  const recognition = { kind: "recognition", reservationId: id, amount: "4.00", final: false, idempotencyKey: key };
  const release = { kind: "release", reservationId: id, amount: "1.00", idempotencyKey: crypto.randomUUID() };
  const { body } = await post("/v1/batches", { operations: [recognition, release] }, { wait: 20 });
  expect(body.operations).toMatchObject([
    { status: "completed", reservationId },
    { status: "completed", reservationId },
  ]);
  const alone = await post(pathOf(reservationId, "recognitions"), { amount: "4.00", final: false }, { key, wait: 20 });
  expect([alone.status, alone.body.operationId]).toEqual([200, body.operations[0].operationId]);
  expect(await moneyOf(userId)).toBe("1.00 + 5.00");
});

test("an unknown id in capitals is answered like one in lower case", async () => {
  const id = crypto.randomUUID().toUpperCase();
  for (const [path, code] of [
    [`/v1/reservations/${id}`, "reservation_unknown"],
    [`/v1/operations/${id}`, "operation_unknown"],
  ] as const)
    expectProblem(await get(path), code, path);
});
