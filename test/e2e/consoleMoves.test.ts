import { afterAll, expect, test } from "bun:test";
import { get } from "../support/api/client.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { openView, SIZES } from "../support/console/consolePage.ts";
import { openConsole } from "../support/console/openConsole.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

const browser = await openConsole();
const { page, scene } = browser;
afterAll(() => browser[Symbol.asyncDispose]());

/** The refunds of the recognition, each with its amount, outcome and comment. */
async function refundsOf(reservationId: string): Promise<unknown[]> {
  const { body } = await get(`/v1/operations?reservationId=${reservationId}&kind=refund`);
  return body.items.map(({ amount, status, comment }: Record<string, string>) => [amount, status, comment]);
}

async function openRefund(): Promise<void> {
  await openView(page, `#/operation/${scene.recognition}`);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByRole("dialog").waitFor();
}

/** Requests to these addresses reach Saldo, and their answers are lost. `sent` resolves with the first one. */
async function loseAnswer(addresses: string): Promise<{ sent: Promise<void> }> {
  const sent = Promise.withResolvers<void>();
  await page.route(addresses, async (route) => {
    await route.fetch();
    sent.resolve();
  });
  return { sent: sent.promise };
}

async function fillPart(amount: string, reason: string): Promise<void> {
  await page.getByLabel("A part").check();
  await page.getByLabel(/^Part in/).fill(amount);
  await page.getByLabel("Reason").fill(reason);
}

test("a part is refunded with its reason, once, however often the button is pressed", async () => {
  await openRefund();
  await fillPart("500", "Too much");
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("At most 420.00").waitFor();
  await fillPart("20,5", "  ");
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("Type a reason.").waitFor();
  expect(await page.getByLabel("Reason").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByLabel(/^Part in/).getAttribute("aria-invalid")).toBe("false");
  await fillPart("20,5", "The first week was not delivered");
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    expect(await findSeriousIn(page)).toEqual([]);
  }
  // Two clicks before the page can draw anything between them.
  const button = "document.querySelector('dialog button[type=submit]')";
  await page.evaluate(`(() => { const button = ${button}; button.click(); button.click(); })()`);
  await page.getByText("Done.").waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("20.50 RUB of it refunded").waitFor();
  expect(await refundsOf(scene.settledReservation)).toEqual([
    ["20.50", "completed", "The first week was not delivered"],
  ]);
}, 60_000);

test("a click whose answer is lost by a reload is asked for again with its key, and is one operation", async () => {
  await openRefund();
  await fillPart("30.00", "Lost answer");
  const { sent } = await loseAnswer("**/v1/refunds");
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("Pending.").waitFor();
  await sent;
  // Chromium ignores that the page refuses the second one.
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("Escape");
  // The page opens it again in the event after it was closed.
  await page.getByText("Pending.").waitFor();
  await page.unroute("**/v1/refunds", undefined);
  // The key ends with the tab, so leaving it asks first.
  const leaving = page.waitForEvent("dialog");
  const reloaded = page.reload();
  const question = await leaving;
  expect(question.type()).toBe("beforeunload");
  await question.accept();
  await reloaded;
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByText("Not known yet.").waitFor();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Done.").waitFor();
  await page.keyboard.press("Escape");
  expect((await refundsOf(scene.settledReservation)).filter((one) => `${one}`.includes("Lost"))).toEqual([
    ["30.00", "completed", "Lost answer"],
  ]);
}, 60_000);

test("a lost answer about all of a recognition is asked for again, though nothing is left to refund", async () => {
  const { saldo, userId } = scene;
  const order = { userId, serviceId: "badge", orderId: uniqueUserId("whole"), amount: "5.00" };
  await saldo.reserve(order);
  const { operation } = (await saldo.recognizeByFields(order)) as { operation: { operationId: string } };
  await openView(page, `#/operation/${operation.operationId}`);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByLabel("Reason").fill("All of it");
  const { sent } = await loseAnswer("**/v1/refunds");
  await page.getByRole("button", { name: "Refund now" }).click();
  await sent;
  await page.unroute("**/v1/refunds", undefined);
  await page.reload();
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Done.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Refund", exact: true }).waitFor({ state: "detached" });
}, 60_000);

test("an attempt that was refused after a lost answer does not deny the refund that was made", async () => {
  await openRefund();
  await fillPart("7", "Accepted, then refused");
  let attempts = 0;
  const problem = { code: "temporal_unavailable", title: "t", status: 503, retryable: true };
  await page.route("**/v1/refunds", async (route) => {
    attempts += 1;
    if (attempts > 1) return route.fulfill({ status: 503, json: problem, contentType: "application/problem+json" });
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Refund now" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("temporal_unavailable").waitFor();
  await dialog.getByText("Not known yet.").waitFor();
  expect(attempts).toBeGreaterThan(1);
  expect(await dialog.getByText("Nothing was accepted").count()).toBe(0);
  await page.unroute("**/v1/refunds");
  await page.getByRole("button", { name: "Ask again" }).click();
  await dialog.getByText("Done.").waitFor();
  await dialog.getByText("7.00 RUB back to").waitFor();
  await page.keyboard.press("Escape");
  expect((await refundsOf(scene.settledReservation)).filter((one) => `${one}`.includes("then refused"))).toHaveLength(
    1,
  );
}, 90_000);

test("a refused request leaves the form as it was typed", async () => {
  await openRefund();
  await fillPart("5", "A control\u0007character");
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("A value is not valid. Nothing was recorded.").waitFor();
  expect(await page.getByLabel("A part").isChecked()).toBe(true);
  expect(await page.getByLabel(/^Part in/).inputValue()).toBe("5.00");
  expect(await page.getByLabel("Reason").inputValue()).toContain("A control");
  await page.keyboard.press("Escape");
}, 60_000);

test("the dialog of a refund names the recognition, and its end leaves the focus in its place", async () => {
  await openRefund();
  await page
    .getByRole("dialog")
    .getByText(/420\.00.RUB of .* became revenue of/)
    .waitFor();
  await page.keyboard.press("Escape");
  await eventually(async () => (await page.evaluate("document.activeElement.textContent")) === "Refund");
  await page.keyboard.press("Enter");
  await fillPart("0.50", "By keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Done.").waitFor();
  await eventually(async () => (await page.evaluate("document.activeElement.textContent")) === "Close");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("link", { name: /^0\.50.RUB of it refunded/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Refund 0\.50/ }).waitFor();
}, 60_000);

test("a refund whose outcome is unknown stays so where asking again is refused", async () => {
  const stored = `sessionStorage.getItem("saldo.refund.${scene.recognition}")`;
  const intent = JSON.stringify({ caller: "support", key: crypto.randomUUID(), amount: "1.00", comment: "c" });
  await page.evaluate(`sessionStorage.setItem("saldo.refund.${scene.recognition}", ${JSON.stringify(intent)})`);
  await openRefund();
  const problem = { code: "insufficient_scope", title: "t", status: 403, retryable: false };
  await page.route("**/v1/refunds", (route) =>
    route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByRole("dialog").getByText("insufficient_scope").waitFor();
  await page.getByText("Not known yet.").waitFor();
  expect(await page.evaluate(stored)).toBe(intent);
  await page.unroute("**/v1/refunds");
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Done.").waitFor();
  expect(await page.evaluate(stored)).toBeNull();
  await page.keyboard.press("Escape");
}, 60_000);

test("a refund whose outcome is unknown cannot be asked for with another caller's token", async () => {
  await page.evaluate(
    `sessionStorage.setItem("saldo.refund.${scene.recognition}", '{"caller":"boris","key":"k","amount":"1.00","comment":"c"}')`,
  );
  await openRefund();
  await page.getByText("The request was sent as boris.").waitFor();
  expect(await page.getByRole("button", { name: "Ask again" }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.evaluate(`sessionStorage.removeItem("saldo.refund.${scene.recognition}")`);
}, 60_000);

test("a declined refund is shown with its reason and code, and nothing changed", async () => {
  await openRefund();
  await page.getByLabel("Reason").fill("All of it");
  await scene.saldo.refund({ recognitionId: scene.recognition, amount: "300.00" });
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("Declined. Nothing changed.").waitFor();
  await page.getByText("exceeds_recognized").waitFor();
  await page.getByText(/Request console-[0-9a-f]{32}/).waitFor();
  expect(await findSeriousIn(page)).toEqual([]);
  const filter = `reservationId=${scene.settledReservation}&status=declined`;
  const [declined] = (await get(`/v1/operations?${filter}`)).body.items;
  const link = page.getByRole("dialog").getByRole("link", { name: "Open the operation" });
  expect(await link.getAttribute("href")).toBe(`#/operation/${declined.operationId}`);
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("61.00 RUB", { exact: true }).waitFor();
}, 60_000);

test("an open reservation is released, all of it, and Escape gives the focus back to the button", async () => {
  await openView(page, `#/reservation/${scene.openReservation}`);
  const open = page.getByRole("button", { name: "Release", exact: true });
  await open.click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await eventually(async () => (await page.evaluate("document.activeElement.textContent")) === "Release");
  await page.keyboard.press("Enter");
  await page.getByLabel("Reason").fill("The order was cancelled");
  await page.getByRole("button", { name: "Release now" }).click();
  await page.getByText("Done.").waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("Reservation settled").waitFor();
  const { body } = await get(`/v1/reservations/${scene.openReservation}`);
  expect([body.state, body.released, body.operations.at(-1).comment]).toEqual([
    "settled",
    "450.00",
    "The order was cancelled",
  ]);
}, 60_000);

test("a lost answer about a whole release is asked for again, though the reservation is settled", async () => {
  const { saldo, userId } = scene;
  const order = { userId, serviceId: "badge", orderId: uniqueUserId("gone"), amount: "5.00" };
  const { operation } = (await saldo.reserve(order)) as { operation: { reservationId: string } };
  await openView(page, `#/reservation/${operation.reservationId}`);
  await page.getByRole("button", { name: "Release", exact: true }).click();
  await page.getByLabel("Reason").fill("All of it");
  const { sent } = await loseAnswer("**/releases");
  await page.getByRole("button", { name: "Release now" }).click();
  await sent;
  await page.unroute("**/releases", undefined);
  await page.reload();
  await page.getByText("Reservation settled").waitFor();
  await page.getByRole("button", { name: "Release", exact: true }).click();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Done.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Release", exact: true }).waitFor({ state: "detached" });
  const { body } = await get(`/v1/reservations/${operation.reservationId}`);
  expect([body.released, body.operations.map(({ kind }: { kind: string }) => kind)]).toEqual([
    "5.00",
    ["reservation", "release"],
  ]);
}, 60_000);

test("a dialog that is closed with an unknown outcome reads the view again", async () => {
  const stored = `saldo.refund.${scene.recognition}`;
  const intent = JSON.stringify({ caller: "support", key: crypto.randomUUID(), amount: "0.25", comment: "c" });
  await page.evaluate(`sessionStorage.setItem("${stored}", ${JSON.stringify(intent)})`);
  await openRefund();
  await page.getByText("Not known yet.").waitFor();
  await scene.saldo.refund({ recognitionId: scene.recognition, amount: "0.25" });
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /^0\.25.RUB of it refunded/ }).waitFor();
  await page.evaluate(`sessionStorage.removeItem("${stored}")`);
}, 60_000);

test("a refund in the statement is declined in view, and leaves the focus in its row", async () => {
  const { saldo } = scene;
  const userId = uniqueUserId("row");
  const order = { userId, serviceId: "badge", orderId: uniqueUserId("row"), amount: "8.00" };
  await saldo.deposit({ userId, amount: "10.00" });
  await saldo.reserve(order);
  const { operation } = (await saldo.recognizeByFields(order)) as { operation: { operationId: string } };
  await openView(page, `#/user/${userId}`);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByLabel("Reason").fill("All of it");
  await saldo.refund({ recognitionId: operation.operationId, amount: "1.00" });
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("Declined. Nothing changed.").waitFor();
  await page.keyboard.press("Escape");
  const declined = page.locator("section", { hasText: "Declined requests" });
  await declined.getByText("The amount is more than the part that is not refunded yet.").waitFor();
  // The refund of before is in the statement now, which was read again.
  await page.getByText("+1.00", { exact: true }).waitFor();
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Refund");
}, 60_000);
