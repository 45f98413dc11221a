import { afterAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { userWith } from "../support/api/funds.ts";
import { awaitSettled, moneyOf, readReservation, reserve, settle } from "../support/api/reservations.ts";
import { openCutOffPage, takePicture } from "../support/browser/page.ts";
import { awaitDetails, awaitListed, awaitText, readBlocks } from "../support/browser/webUiPage.ts";
import { reserveTogether } from "../support/saga/batches.ts";
import { awaitIdle } from "../support/temporal/idle.ts";
import { openWebUi } from "../support/temporal/webUi.ts";

/** One browser for all tests. Starting it and compiling the scripts of the Web UI takes seconds. */
const browser = await openCutOffPage();
const { page } = browser;
afterAll(() => browser[Symbol.asyncDispose]());

/** Opens a workflow's page once its details contain the wait for the next deadline. */
async function openSaga(page: Page, { links }: { links: { temporal: string } }): Promise<void> {
  await page.goto(links.temporal);
  await page.getByText("Running", { exact: true }).first().waitFor();
}

test("a saga's page shows its reservation, its state and its changes, and is found by the reservation id", async () => {
  const userId = await userWith("100.00");
  await awaitIdle();
  const made = await reserve(userId, "40.00", { ttlSeconds: 3_600 });
  const { reservationId, workflowId, serviceId, orderId } = made;
  expect(workflowId).toBe(`reservation-${reservationId}`);
  // A change that the saga pulls itself is not signalled to it.
  await awaitIdle();
  const recognition = await settle(reservationId, "recognitions", { amount: "10.00", final: false });

  const until = `${made.expiresAt.slice(0, 10)} ${made.expiresAt.slice(11, 16)} UTC`;
  await awaitDetails(page, made, `Reserved 40.00, recognized 10.00, 30.00 until ${until}.`);
  await awaitText(page, `Reservation 40.00 RUB ${userId}, service ${serviceId}, order ${orderId}`);
  await page.getByRole("heading", { name: workflowId }).waitFor();
  await page.getByRole("link", { name: "reservation", exact: true }).waitFor();

  await page.getByRole("tab", { name: "Search Attributes" }).click();
  await page.getByText('"OperationKind"').waitFor();
  const [attributes] = await readBlocks(page);
  expect(JSON.parse(attributes!)).toMatchObject({
    OperationKind: ["reservation"],
    UserId: [userId],
    OrderId: [orderId],
    ReservationId: reservationId,
  });

  await page.getByRole("tab", { name: "Event History" }).click();
  await page.locator("tr", { hasText: "Workflow Execution Signaled" }).first().click();
  await page.getByText('"byWorkflowId"').waitFor();
  const signal = (await readBlocks(page)).find((text) => text.includes("byWorkflowId"));
  expect(JSON.parse(signal!)).toEqual({
    byWorkflowId: recognition.workflowId,
  });

  await awaitListed(page, `ReservationId = "${reservationId}" and WorkflowType = "reservation"`, [workflowId]);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);

test("cancelling a saga of one reservation in the Web UI releases it and completes the workflow", async () => {
  const userId = await userWith("100.00");
  await awaitIdle();
  const made = await reserve(userId, "40.00", { ttlSeconds: 3_600 });
  await settle(made.reservationId, "recognitions", { amount: "10.00", final: false });
  await openSaga(page, made);
  await page.getByRole("button", { name: "Request Cancellation" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();

  const settled = await awaitSettled(made.reservationId);
  expect(settled).toMatchObject({ recognized: "10.00", released: "30.00", expired: "0.00" });
  expect(settled.operations.at(-1)).toMatchObject({ kind: "release", workflowId: made.workflowId, amount: "30.00" });
  expect(await moneyOf(userId)).toBe("90.00 + 0.00");
  await awaitDetails(page, made, "Reserved 40.00, recognized 10.00, released 30.00. Settled.");
  await page.getByText("Completed", { exact: true }).first().waitFor();
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);

test("the page of a saga that an operator released shows the operator and the reason", async () => {
  const userId = await userWith("100.00");
  await awaitIdle();
  const made = await reserve(userId, "40.00", { ttlSeconds: 3_600, serviceId: "promotion", orderId: "order-1001" });
  await settle(made.reservationId, "recognitions", { amount: "10.00", final: false });
  const webUi = await openWebUi();
  const release = { reservationId: made.reservationId, by: "olga", reason: "The order was given up" };
  await webUi.client.workflow.getHandle(made.workflowId).signal("release", release);
  const result = await webUi.client.workflow.getHandle(made.workflowId).result();
  await webUi.close();

  await awaitDetails(page, made, "Reserved 40.00, recognized 10.00, released 30.00. Settled.");
  await awaitText(page, `Reservation 40.00 RUB ${userId}, service promotion, order order-1001`);
  await takePicture(page, "user-metadata");
  expect(result.saga).toMatchObject({
    ...{ reserved: "40.00", recognized: "10.00", released: "30.00", expired: "0.00" },
    settlements: [
      { kind: "release", amount: "30.00", by: "olga", reason: "The order was given up" },
      { kind: "recognition", amount: "10.00" },
    ],
  });
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 300_000);

test("in the Web UI the signal release releases one of several reservations, and cancelling none of them", async () => {
  const users = [await userWith("10.00"), await userWith("10.00"), await userWith("10.00")];
  const [one, two, three] = await reserveTogether(users, 3_600);

  await openSaga(page, one);
  await page.getByRole("button", { name: "Request Cancellation" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
  await awaitDetails(page, one, "Cancelling releases nothing here: 3 reservations are open.");

  await page.getByRole("button", { name: "More Actions" }).click();
  await page.getByRole("menuitem", { name: "Send a Signal" }).click();
  const dialog = page.getByRole("dialog").filter({ hasText: "Signal name" });
  await dialog.getByTestId("signal-select-button").click();
  await dialog.getByRole("option", { name: "release" }).click();
  await dialog.getByRole("textbox", { name: "Data" }).fill(JSON.stringify({ reservationId: two.reservationId }));
  await dialog.getByRole("button", { name: "Submit" }).click();

  expect(await awaitSettled(two.reservationId)).toMatchObject({ released: "1.00", expired: "0.00" });
  for (const other of [one, three]) expect((await readReservation(other.reservationId)).remaining).toBe("1.00");
  expect(await Promise.all(users.map(moneyOf))).toEqual(["9.00 + 1.00", "10.00 + 0.00", "9.00 + 1.00"]);
  await awaitDetails(page, one, "Reserved 3.00, released 1.00, 2.00 until");
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
  for (const other of [one, three]) await settle(other.reservationId, "releases");
}, 300_000);
