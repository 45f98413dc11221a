import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, post } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { isTooWide, openView, SIZES, signIn } from "../support/console/consolePage.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const ENTRIES = 10_000;
const BATCH = 1_000;
/** Without blanks, and of the widest letters. */
const LONG_NAME = "W".repeat(200);
const ARABIC_NAME = "ترقية الإعلان (أسبوع)";

let browser: CutOffPage;
const userId = uniqueUserId("large");
beforeAll(async () => {
  for (let batch = 0; batch < ENTRIES / BATCH; batch += 1) {
    const operations = Array.from({ length: BATCH }, (_, index) => ({
      kind: "deposit",
      idempotencyKey: crypto.randomUUID(),
      userId,
      amount: `${1 + (index % 7)}.00`,
    }));
    const { status } = await post("/v1/batches", { operations }, { key: null, wait: 30 });
    if (status !== 200) throw new Error(`The batch was answered ${status}`);
  }
  browser = await openCutOffPage();
  await signIn(browser.page, apiUrl, await mintToken({ sub: "support" }));
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

test("a user with 10,000 entries has pages, a chart of the newest, and a file of them all", async () => {
  const { page } = browser;
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    await openView(page, `#/user/${userId}`);
    await page.getByText("10,000 entries in all").waitFor();
    await page.getByText("the newest 500 entries").waitFor();
    expect([await isTooWide(page), await findSeriousIn(page)]).toEqual([false, []]);
  }
  const rows = page.locator(".entries > li");
  expect(await rows.count()).toBe(20);
  await page.locator("section", { hasText: "Statement" }).getByRole("button", { name: "Show more" }).click();
  await rows.nth(39).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`saldo-${userId}.csv`);
  expect((await readFile(await file.path(), "utf8")).trimEnd().split("\n")).toHaveLength(ENTRIES + 1);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 120_000);

test("names of 200 characters and from right to left stay inside the window", async () => {
  const { page } = browser;
  const serviceId = uniqueUserId("long");
  const orderId = uniqueUserId("o").padEnd(64, "W");
  const longUser = uniqueUserId("u").padEnd(64, "W");
  await post("/v1/deposits", { userId: longUser, amount: "90.00", comment: ARABIC_NAME, source: LONG_NAME });
  const made: string[] = [];
  for (const [index, serviceName] of [LONG_NAME, ARABIC_NAME].entries()) {
    const fields = { userId: longUser, serviceId: `${serviceId}-${index}`, serviceName, orderId, amount: "10.00" };
    const { body } = await post("/v1/reservations", { ...fields, comment: "W".repeat(255) });
    await post(`/v1/reservations/${body.reservationId}/recognitions`, { amount: "4.00", final: false });
    made.push(body.reservationId);
  }
  const views = [
    `#/user/${longUser}`,
    `#/order/${orderId}`,
    ...made.flatMap((id) => [`#/operation/${id}`, `#/reservation/${id}`]),
    "#/month",
  ];
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    for (const fragment of views) {
      await openView(page, fragment);
      expect([fragment, size.width, await isTooWide(page)]).toEqual([fragment, size.width, false]);
    }
  }
  await openView(page, `#/user/${longUser}`);
  const directions = await page.locator(".entries bdi").evaluateAll((all) => all.map((one) => one.getAttribute("dir")));
  expect(new Set(directions)).toEqual(new Set(["auto"]));
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 120_000);
