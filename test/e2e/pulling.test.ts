import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, apiUrl, get, isMany, post } from "../support/api/client.ts";
import { availableOf, tally, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { moneyOf, pathOf, reserve, settle } from "../support/api/reservations.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(() => webUi.close());

const asking = (key: string = crypto.randomUUID()) => ({ key, wait: 20, origin: apiUrl });
const deposit = (userId: string, amount = "1.00", key?: string) =>
  post("/v1/deposits", { userId, amount }, asking(key));
const transfer = (fromUserId: string, toUserId: string, amount = "1.00") =>
  post("/v1/transfers", { fromUserId, toUserId, amount }, asking());

function postBatch(operations: object[], atomic: boolean): Promise<Answer> {
  return post("/v1/batches", { operations, atomic }, { key: null, wait: 20, origin: apiUrl });
}

const item = (kind: string, fields: object) => ({ kind, idempotencyKey: crypto.randomUUID(), ...fields });

/**
 * Runs `work` while a carrier pulls. Eight callers transfer one after the other meanwhile, and each transfer must
 * complete.
 */
async function amidTransfers(work: (userIds: string[]) => Promise<void>): Promise<void> {
  const userIds = await Promise.all(Array.from({ length: 8 }, () => userWith("100.00")));
  const over = new AbortController();
  const answers: Answer[] = [];
  const running = userIds.map(async (userId, index) => {
    while (!over.signal.aborted) answers.push(await transfer(userId, userIds[(index + 1) % 8]!, "0.01"));
  });
  try {
    await eventually(async () => answers.length > 16);
    await work(userIds);
  } finally {
    over.abort();
    await Promise.all(running);
  }
  expect(tally(answers)).toEqual({ "200": answers.length });
}

describe("an operation that a carrier pulls", () => {
  test("is answered with its outcome, contains the carrier's id, and has its event", async () => {
    // Retries, since a pause longer than the carrier's window makes the API start another carrier.
    const [first, pulled] = await eventually(async () => {
      const userId = uniqueUserId("payer");
      await awaitIdle();
      const both = [await deposit(userId, "5.00"), await transfer(userId, uniqueUserId("payee"), "2.00")] as const;
      // An API without a worker has no carrier that pulls.
      return (isMany || both[0].body.workflowId === both[1].body.workflowId) && both;
    }, 60_000);
    expect([first.status, pulled.status]).toEqual([200, 200]);
    const { operationId, workflowId, fromUserId, toUserId } = pulled.body;
    expect(pulled.body).toMatchObject({ status: "completed", balance: { available: "3.00", version: 2 } });
    expect((await get(`/v1/operations/${operationId}?workflowId=${workflowId}`)).body).toEqual(pulled.body);
    await eventually(async () => (await webUi.status(workflowId)) === "COMPLETED");
    const events = await eventually(async () => {
      const messages = (await readTopic([fromUserId, toUserId])).map(({ value }) => JSON.parse(value).data);
      return messages.length >= 3 && messages.filter((data) => data.operationId === operationId);
    });
    expect(new Set(events.map(({ userId }) => userId))).toEqual(new Set([fromUserId, toUserId]));
    expect(new Set(events.map((data) => data.workflowId))).toEqual(new Set([workflowId]));
  });

  test("reads as pending for its callers while its posting waits", async () => {
    const stuck = await userWith("10.00");
    await amidTransfers(async () => {
      await using account = await holdAccount(stuck);
      const body = { userId: stuck, amount: "1.00" };
      const accepted = await post("/v1/withdrawals", body, { origin: apiUrl, isAsync: true });
      expect(accepted.status).toBe(202);
      // It is not committed. A workflow has it as its input, so it survives the process.
      expect((await get(accepted.headers.get("location")!)).body).toMatchObject({ status: "pending", ...body });
      await account.release();
      await eventually(async () => (await get(accepted.headers.get("location")!)).body.status === "completed", 30_000);
    });
    expect(await availableOf(stuck)).toBe("9.00");
  }, 60_000);
});

describe("while a carrier pulls", () => {
  test("a replay gets the first outcome at once, marked, with or without Prefer, completed or declined", async () => {
    const userId = await userWith("5.00");
    await amidTransfers(async () => {
      for (const [path, amount, status] of [
        ["/v1/deposits", "1.00", 200],
        ["/v1/withdrawals", "99.00", 422],
      ] as const) {
        const key = crypto.randomUUID();
        const first = await post(path, { userId, amount }, asking(key));
        expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([status, null]);
        for (let turn = 0; turn < 40; turn += 1) {
          const again = await post(path, { userId, amount }, { key, origin: apiUrl, ...(turn % 2 && { wait: 20 }) });
          expect([again.status, again.body]).toEqual([status, first.body]);
          expect(again.headers.get("idempotency-replayed")).toBe("true");
          const other = await post(
            path,
            { userId, amount: "2.00" },
            { key, origin: apiUrl, ...(turn % 2 && { wait: 20 }) },
          );
          const { operationId, workflowId } = first.body;
          expectProblem(other, "idempotency_payload_mismatch", path, {
            ...{ operationId, workflowId, differingFields: ["amount"] },
          });
        }
      }
    });
    expect(await availableOf(userId)).toBe("6.00");
  }, 60_000);

  test("one key in a carrier's input, in a pulled request and in a pulled batch moves the money once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const [userId, key] = [uniqueUserId(), crypto.randomUUID()];
      if (round % 2 === 0) await awaitIdle();
      const same = { kind: "deposit", idempotencyKey: key, userId, amount: "1.00" };
      const [first, second, batch, third] = await Promise.all([
        deposit(userId, "1.00", key),
        deposit(userId, "1.00", key),
        postBatch([item("deposit", { userId, amount: "0.10" }), same], false),
        deposit(userId, "1.00", key),
      ]);
      expect([first, second, third, batch].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      for (const { body } of [second!, third!, { body: batch!.body.operations[1] }]) expect(body).toEqual(first!.body);
      expect(await availableOf(userId)).toBe("1.10");
    }
  }, 60_000);

  test("an atomic batch completes whole or not at all, in a workflow with an id of its own", async () => {
    const [payer, payee] = [await userWith("10.00"), uniqueUserId("payee")];
    await amidTransfers(async ([alice]) => {
      const move = (amount: string) => item("transfer", { fromUserId: payer, toUserId: payee, amount });
      const whole = await postBatch([move("1.00"), item("withdrawal", { userId: payee, amount: "0.50" })], true);
      expect([whole.status, whole.body.workflowId]).toEqual([200, expect.stringMatching(/^batch-/)]);
      const codes = ({ body }: Answer) => body.operations.map((one: { code?: string }) => one.code);
      const broken = [move("2.00"), move("99.00"), item("deposit", { userId: alice, amount: "50.00" })];
      for (const _ of [1, 2]) {
        const aborted = await postBatch(broken, true);
        expect(aborted.status).toBe(422);
        expect(codes(aborted)).toEqual(["batch_aborted", "insufficient_funds", "batch_aborted"]);
      }
    });
    expect([await availableOf(payer), await availableOf(payee)]).toEqual(["9.00", "0.50"]);
  }, 60_000);

  test("an operation that the ledger refuses is declined alone, and its neighbours complete", async () => {
    const broken = await userWith("10.00");
    const { reservationId } = await reserve(broken, "4.00");
    await using owner = await connectOwner();
    // Sets the reserved amount below the reservation, as Saldo never does.
    await owner.query("update accounts set reserved_minor = 0 where user_id = $1", [broken]);
    try {
      await amidTransfers(async () => {
        const refused = await post(pathOf(reservationId, "recognitions"), {}, asking());
        expect([refused.status, refused.body.code]).toEqual([422, "refused_by_ledger"]);
      });
    } finally {
      await owner.query("update accounts set reserved_minor = 400 where user_id = $1", [broken]);
    }
    expect(await moneyOf(broken)).toBe("6.00 + 4.00");
    await settle(reservationId, "releases");
  }, 60_000);

  test("a reservation among transfers is carried by a saga, which watches over it", async () => {
    const reserved: Answer["body"][] = [];
    await amidTransfers(async (userIds) => {
      for (const userId of userIds.slice(0, 4)) {
        reserved.push(await reserve(userId, "2.00"));
        await transfer(userId, userIds[7]!, "0.01");
      }
    });
    for (const { reservationId, workflowId } of reserved) {
      expect(workflowId).toStartWith("reservation-");
      expect((await get(`/v1/reservations/${reservationId}`)).body).toMatchObject({ workflowId, state: "open" });
      await eventually(async () => (await webUi.describe(workflowId)).type === "reservation");
      expect(await webUi.status(workflowId)).toBe("RUNNING");
    }
    for (const { reservationId } of reserved) await settle(reservationId, "releases");
    for (const { workflowId } of reserved) {
      await eventually(async () => (await webUi.status(workflowId)) === "COMPLETED", 20_000);
    }
  }, 60_000);

  test("a thousand operations of maximum size complete, and so do their carrier and its neighbours", async () => {
    const userId = uniqueUserId();
    const texts = { comment: "c".repeat(255), source: "s".repeat(255) };
    const operations = Array.from({ length: 1_000 }, () => item("deposit", { userId, amount: "1.00", ...texts }));
    const carriers = new Set<string>();
    await amidTransfers(async () => {
      const answers = await Promise.all([postBatch(operations.slice(0, 500), false), postBatch(operations, false)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      for (const { body } of answers) {
        for (const one of body.operations) carriers.add(one.workflowId);
        expect(new Set(body.operations.map((one: { status: string }) => one.status))).toEqual(new Set(["completed"]));
      }
    });
    expect(await availableOf(userId)).toBe("1000.00");
    for (const workflowId of carriers) {
      await eventually(async () => (await webUi.status(workflowId)) === "COMPLETED", 30_000);
    }
  }, 90_000);
});
