import { afterAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, post } from "../support/api/client.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { openView, signIn } from "../support/console/consolePage.ts";
import { openConsole } from "../support/console/openConsole.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

const browser = await openConsole();
const { page, scene } = browser;
afterAll(() => browser[Symbol.asyncDispose]());

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
  await find(scene.userId.slice(0, -1));
  await awaitHeading(/^Nothing found for/);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
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
  await awaitHeading(/^Several matches for/);
  await page.getByRole("link", { name: "The reference" }).click();
  await awaitHeading(/^Deposit 1\.00.RUB Completed/);
  await page.goBack();
  await awaitHeading(/^Several matches for/);
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

test("a user that has declined requests alone is found by them", async () => {
  const userId = uniqueUserId("poor");
  await scene.saldo.withdraw({ userId, amount: "1.00" });
  await find(userId);
  await awaitHeading(`Operations of user ${userId}`);
  await page.getByText("account_not_found").or(page.getByText("The user has no account.")).first().waitFor();
}, 60_000);

test("a reader without the scope operations:read finds a user by its id, and nothing else", async () => {
  await using reader = await openCutOffPage();
  await signIn(reader.page, apiUrl, await mintToken({ sub: "reader", scope: "balance:read" }));
  await openView(reader.page, `#/find/${scene.userId}`);
  await reader.page.getByRole("heading", { level: 1, name: `User ${scene.userId}` }).waitFor();
  await openView(reader.page, `#/find/${scene.orderId}`);
  await reader.page.getByRole("heading", { level: 1, name: /^Nothing found for/ }).waitFor();
  expect(await reader.page.getByLabel("An idempotency key of the caller").count()).toBe(0);
}, 60_000);

test("an order has pages of reservations, and a release there joins its operations", async () => {
  const [userId, orderId] = [uniqueUserId("many"), uniqueUserId("order")];
  await post("/v1/deposits", { userId, amount: "50.00" });
  const operations = Array.from({ length: 21 }, (_, index) => ({
    ...{ kind: "reservation", idempotencyKey: crypto.randomUUID(), userId, orderId },
    ...{ serviceId: `service-${index}`, amount: "2.00" },
  }));
  await post("/v1/batches", { operations }, { key: null, wait: 30 });
  await openView(page, `#/order/${orderId}`);
  const reservations = page.locator(".reservations > li");
  await page
    .locator(".reservations .sum", { hasText: /^2\.00.RUB$/ })
    .nth(19)
    .waitFor();
  expect(await reservations.count()).toBe(20);
  await page.locator("section", { hasText: "Reservations" }).getByRole("button", { name: "Show more" }).click();
  await reservations.nth(20).waitFor();

  await reservations.first().getByRole("button", { name: "Release" }).click();
  await page.getByLabel("Reason").fill("Cancelled");
  await page.getByRole("button", { name: "Release now" }).click();
  await page.getByText("Done.").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".operations > li", { hasText: "Release" }).waitFor();
  await page.locator(".reservations").getByText("2.00 released").waitFor();
}, 60_000);

test("a search that is answered late leaves the view that was opened meanwhile", async () => {
  const late = Promise.withResolvers<void>();
  const answers: Promise<void>[] = [];
  await page.route("**/v1/operations?*", (route) => {
    const answer = late.promise.then(async () => route.fulfill({ response: await route.fetch() }));
    answers.push(answer);
    return answer;
  });
  await find(scene.userId);
  await eventually(() => Promise.resolve(answers.length >= 5));
  await openView(page, `#/operation/${scene.recognition}`);
  late.resolve();
  await Promise.all(answers);
  await page.unroute("**/v1/operations?*");
  // The page has handled the answers before that of a later request.
  await page.evaluate("fetch('/healthz').then((answer) => answer.text())");
  expect(page.url()).toEndWith(`#/operation/${scene.recognition}`);
}, 60_000);

test("a token in the field of a caller or of a filter stays out of the address", async () => {
  const token = await mintToken({ sub: "pasted" });
  await openView(page, `#/find/nothing-of-this-name`);
  const caller = page.getByLabel("An idempotency key of the caller");
  await caller.fill(token);
  await caller.press("Enter");
  expect(await caller.evaluate((field) => (field as { validationMessage?: string }).validationMessage)).toContain(
    "This is a token.",
  );
  await openView(page, `#/user/${scene.userId}`);
  const order = page.getByLabel("Order", { exact: true });
  await order.fill(token);
  await order.press("Enter");
  expect(await order.evaluate((field) => (field as { validationMessage?: string }).validationMessage)).toContain(
    "This is a token.",
  );
  expect(page.url()).not.toContain(token.slice(0, 20));
}, 60_000);

test("a token that reads operations alone finds those of a reservation by its id", async () => {
  await using onCall = await openCutOffPage();
  await signIn(onCall.page, apiUrl, await mintToken({ sub: "on-call", scope: "operations:read audit" }));
  await openView(onCall.page, `#/find/${scene.openReservation}`);
  await onCall.page.getByRole("heading", { level: 1, name: "Operations of reservation" }).waitFor();
  await onCall.page.locator(".operations > li").nth(1).waitFor();
}, 60_000);
