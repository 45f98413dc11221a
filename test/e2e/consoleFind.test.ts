import { afterAll, beforeAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { signIn } from "../support/console/consolePage.ts";
import { makeScene, type Scene } from "../support/console/scene.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

let browser: CutOffPage;
let scene: Scene;
beforeAll(async () => {
  scene = await makeScene(apiUrl, await mintToken({ sub: "billing" }), uniqueUserId("olga"), uniqueUserId("run"));
  browser = await openCutOffPage();
  await signIn(browser.page, apiUrl, await mintToken({ sub: "support" }));
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** Types a text into the search field, as a user does. */
async function find(text: string): Promise<void> {
  const field = browser.page.getByRole("searchbox");
  await field.fill(text);
  await field.press("Enter");
}

const awaitHeading = (name: string | RegExp) => browser.page.getByRole("heading", { level: 1, name }).waitFor();

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

test("a key is found with its caller only, since another caller's key is another operation", async () => {
  const { page } = browser;
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
  await browser.page.getByRole("link", { name: "The reference" }).click();
  await awaitHeading(/^Deposit 1\.00.RUB Completed/);
  await browser.page.goBack();
  await awaitHeading(/^Several things have the name/);
  await browser.page.getByRole("link", { name: "The user" }).click();
  await awaitHeading(`User ${name}`);
}, 60_000);

test("an unknown user, operation and reservation have views that explain the next step", async () => {
  const { page } = browser;
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
