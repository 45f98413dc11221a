import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { openView, SIZES, signIn } from "../support/console/consolePage.ts";
import { makeScene, type Scene } from "../support/console/scene.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

let browser: CutOffPage;
let page: Page;
let scene: Scene;
beforeAll(async () => {
  scene = await makeScene(apiUrl, await mintToken({ sub: "billing" }), uniqueUserId("maria"), uniqueUserId("run"));
  browser = await openCutOffPage();
  page = browser.page;
  await signIn(page, apiUrl, await mintToken({ sub: "support" }));
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** Types a text into the search field, as a user does. */
async function find(text: string): Promise<void> {
  const field = page.getByRole("searchbox");
  await field.fill(text);
  await field.press("Enter");
}

const awaitHeading = (name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();

test("the search field opens the thing that a text names", async () => {
  await find(scene.userId);
  await awaitHeading(`User ${scene.userId}`);
  await find(scene.orderId);
  await awaitHeading(`Order ${scene.orderId}`);
  await find(scene.recognition);
  await awaitHeading(/^Recognition 420\.00.RUB Completed/);
  await find(scene.openReservation.toUpperCase());
  await awaitHeading(/^Reservation 600\.00.RUB Open/);
  await find(`  ${scene.reference} `);
  await awaitHeading(/^Deposit 2,500\.00.RUB Completed/);
  expect([browser.leaving, browser.errors.filter(isNotMissing)]).toEqual([[], []]);
}, 60_000);

test("a user whose id is a UUID is found", async () => {
  const userId = crypto.randomUUID();
  await scene.saldo.deposit({ userId, amount: "1.00" });
  await find(userId);
  await awaitHeading(`User ${userId}`);
}, 60_000);

test("a token in the search field is refused, and stays out of the address", async () => {
  const token = await mintToken({ sub: "pasted" });
  await find(token);
  expect(await page.evaluate("document.querySelector('#search').validationMessage")).toContain("This is a token.");
  expect(page.url()).not.toContain(token.slice(0, 20));
  await page.getByRole("searchbox").fill("");
}, 60_000);

test("a key is found with its caller only, since another caller's key is another operation", async () => {
  await find(scene.key);
  await awaitHeading(/^Nothing found for/);
  await page.getByText("An idempotency key is found with its caller only.").waitFor();
  await page.getByLabel("An idempotency key of the caller").fill("billing");
  await page.getByRole("main").getByRole("button", { name: "Find" }).click();
  await awaitHeading(/^Deposit 2,500\.00.RUB Completed/);
}, 60_000);

test("a text that names several things gives a list of them", async () => {
  const { saldo } = scene;
  const name = uniqueUserId("twice");
  await saldo.deposit({ userId: name, amount: "1.00", reference: name });
  await find(name);
  await awaitHeading(/^Several things have the name/);
  await page.getByRole("link", { name: "The reference" }).click();
  await awaitHeading(/^Deposit 1\.00.RUB Completed/);
  await page.goBack();
  await awaitHeading(/^Several things have the name/);
  await page.getByRole("link", { name: "The user" }).click();
  await awaitHeading(`User ${name}`);
}, 60_000);

test("an unknown user, operation and reservation have views that explain the next step", async () => {
  const unknown = crypto.randomUUID();
  for (const [fragment, hint] of [
    ["#/user/unknown-user", "An account appears with its first deposit."],
    [`#/operation/${unknown}`, "This is no proof of failure."],
    [`#/reservation/${unknown}`, "A reservation has the id of the operation that made it."],
  ]) {
    await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
    await page.getByText(hint!).waitFor();
  }
}, 60_000);

/** The browser reports each 404 as an error, also an expected one. */
function isNotMissing(error: string): boolean {
  return !error.includes("status of 404");
}

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
  const sent = Promise.withResolvers<void>();
  await page.route("**/v1/refunds", async (route) => {
    await route.fetch();
    sent.resolve();
  });
  await page.getByRole("button", { name: "Refund now" }).click();
  await page.getByText("Pending.").waitFor();
  await sent.promise;
  // Chromium ignores that the page refuses the second one.
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("Escape");
  // The page opens it again in the event after it was closed.
  await page.getByText("Pending.").waitFor();
  await page.unroute("**/v1/refunds", undefined);
  await page.reload();
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
  const sent = Promise.withResolvers<void>();
  await page.route("**/v1/refunds", async (route) => {
    await route.fetch();
    sent.resolve();
  });
  await page.getByRole("button", { name: "Refund now" }).click();
  await sent.promise;
  await page.unroute("**/v1/refunds", undefined);
  await page.reload();
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Done.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Refund", exact: true }).waitFor({ state: "detached" });
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
  await page.getByText("Your token does not allow this.").waitFor();
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
  expect(await findSeriousIn(page)).toEqual([]);
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByText("68.50 RUB").waitFor();
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

test("an expired token asks for a new one, and the view with its filters goes on", async () => {
  const fragment = `#/user/${scene.userId}?kind=withdrawal`;
  await signIn(page, apiUrl, await mintToken({ sub: "support", ttlSeconds: -60 }), fragment);
  await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  expect(await findSeriousIn(page)).toEqual([]);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Token").fill(await mintToken({ sub: "support" }));
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You withdrew").first().waitFor();
  expect(await page.getByText("You received").count()).toBe(0);
  expect(page.url()).toEndWith(fragment);
}, 60_000);
