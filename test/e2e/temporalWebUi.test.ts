import { afterAll, expect, test } from "bun:test";
import { isMany, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { reserve, settle } from "../support/api/reservations.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { awaitDetails, awaitListed, awaitText, readBlocks } from "../support/browser/webUiPage.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { awaitIdle } from "../support/temporal/idle.ts";

/** One browser for all tests. Starting it and compiling the scripts of the Web UI takes seconds. */
const browser = await openCutOffPage();
const { page } = browser;
afterAll(() => browser[Symbol.asyncDispose]());

test("the Temporal Web UI shows an operation's request and outcome, and finds it by its user", async () => {
  const [bob, alice] = [await userWith("10.00", "bob"), uniqueUserId("alice")];
  const body = { fromUserId: bob, toUserId: alice, amount: "1.50", comment: "Rent" };
  await awaitIdle();
  const transfer = (await post("/v1/transfers", body, { wait: 20 })).body;

  await page.goto(transfer.links.temporal);
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await page.getByRole("heading", { name: transfer.workflowId }).waitFor();
  await page.getByRole("link", { name: "carrier", exact: true }).waitFor();
  const [input, result] = await readBlocks(page, 2);
  expect(JSON.parse(input!).operations).toMatchObject([
    { operationId: transfer.operationId, kind: "transfer", request: body },
  ]);
  expect(JSON.parse(result!)).toEqual({ counts: [{ kind: "transfer", outcome: "completed", count: 1 }] });

  await awaitDetails(page, transfer, "Transfer completed.");
  await awaitText(page, `Transfer 1.50 RUB ${bob} → ${alice}`);

  await page.getByRole("tab", { name: "Search Attributes" }).click();
  await page.getByText('"OperationKind"').waitFor();
  const [attributes] = await readBlocks(page, 1);
  expect(JSON.parse(attributes!)).toMatchObject({ OperationKind: ["transfer"], UserId: [bob, alice] });

  await awaitListed(page, `UserId = "${alice}"`, [transfer.workflowId]);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);

test("a carrier of many shows its first operation, counts kinds and outcomes, and is found by each user", async () => {
  const [bob, alice, carol] = [await userWith("10.00", "bob"), uniqueUserId("alice"), uniqueUserId("carol")];
  const transfer = (toUserId: string, amount: string) => ({
    ...{ kind: "transfer", idempotencyKey: crypto.randomUUID() },
    ...{ fromUserId: bob, toUserId, amount },
  });
  const operations = [transfer(alice, "1.50"), transfer(carol, "99.00"), transfer(carol, "2.00")];
  await awaitIdle();
  const { body } = await post("/v1/batches", { operations }, { key: null, wait: 20 });

  await awaitDetails(page, body, "3 operations: 2 transfer completed, 1 transfer declined: insufficient_funds.");
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await awaitText(page, `Transfer 1.50 RUB ${bob} → ${alice} and 2 more`);
  for (const userId of [alice, carol]) await awaitListed(page, `UserId = "${userId}"`, [body.workflowId]);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);

// An API without a worker has no carrier that pulls.
if (!isMany) {
  test("pulled operations are counted in the details of their carrier, which is found by their users", async () => {
    // A pause of the machine ends the carrier before the second operation.
    for (let turn = 1; ; turn += 1) {
      const [alice, bob] = [uniqueUserId("alice"), uniqueUserId("bob")];
      await awaitIdle();
      const first = (await post("/v1/deposits", { userId: alice, amount: "3.00" }, { wait: 20 })).body;
      const second = (await post("/v1/transfers", { fromUserId: alice, toUserId: bob, amount: "1.00" }, { wait: 20 }))
        .body;
      const third = (await post("/v1/withdrawals", { userId: alice, amount: "9.00" }, { wait: 20 })).body;
      const workflowIds = new Set([first.workflowId, second.workflowId, third.workflowId]);
      if (workflowIds.size > 1 && turn < 10) continue;
      expect(workflowIds.size).toBe(1);

      const counts = ["1 deposit completed", "1 transfer completed", "1 withdrawal declined: insufficient_funds"];
      await awaitDetails(page, first, `3 operations: ${counts.join(", ")}.`);
      await page.getByText("Completed", { exact: true }).first().waitFor();
      await awaitText(page, `Deposit 3.00 RUB → ${alice}`);
      await awaitListed(page, `UserId = "${bob}" and OperationKind = "withdrawal"`, [first.workflowId]);
      break;
    }
    expect([browser.leaving, browser.errors]).toEqual([[], []]);
  }, 300_000);
}

test("a settlement by reservation id is found by the user and the order of the reservation", async () => {
  const userId = await userWith("10.00", "dora");
  await awaitIdle();
  const made = await reserve(userId, "4.00");
  await awaitIdle();
  const recognized = await settle(made.reservationId, "recognitions");
  expect(recognized.workflowId).not.toBe(made.workflowId);

  await page.goto(recognized.links.temporal);
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await page.getByRole("tab", { name: "User Metadata" }).click();
  await awaitText(page, `Recognition of reservation ${made.reservationId}`);
  await page.getByRole("tab", { name: "Search Attributes" }).click();
  await page.getByText('"OperationKind"').waitFor();
  const [attributes] = await readBlocks(page, 1);
  expect(JSON.parse(attributes!)).toMatchObject({
    OperationKind: ["recognition"],
    UserId: [userId],
    OrderId: [made.orderId],
    ReservationId: made.reservationId,
  });
  await awaitListed(page, `UserId = "${userId}" and OrderId = "${made.orderId}"`, [
    made.workflowId,
    recognized.workflowId,
  ]);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);
