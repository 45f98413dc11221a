import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get, isMany, post } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { isTooWide, openView, SIZES, signIn } from "../support/console/consolePage.ts";
import { makeScene } from "../support/console/scene.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

const ENTRIES = 10_000;
const BATCH = 1_000;
/** Without blanks, and of the widest letters. */
const LONG_NAME = "W".repeat(200);
/** Two of them are the balance limit of an account. */
const RICH = "44999999999999000.00";
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
  // Sums near the balance limit of an account.
  const order = { userId: longUser, serviceId: `${serviceId}-rich`, orderId, amount: RICH };
  await post("/v1/deposits", { userId: longUser, amount: RICH });
  await post("/v1/reservations", order);
  await post("/v1/recognitions", order);
  for (const userId of ["a", "b", "c", "d"].map(uniqueUserId)) {
    await post("/v1/deposits", { userId, amount: RICH });
    await post("/v1/deposits", { userId, amount: RICH });
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

const figure = (label: string) => browser.page.locator(".figure", { hasText: label }).locator(".value");

test("the health view counts operations, declines and latency of the last minutes, and the parts", async () => {
  const { page } = browser;
  await openView(page, "#/health");
  await page.getByText("last ").waitFor();
  await makeScene(apiUrl, await mintToken({ sub: "billing" }), uniqueUserId("vera"), uniqueUserId("run"));
  // Two APIs alone decide nothing: their workers count the reasons.
  await page.getByText(isMany ? "The metrics of the workers have the reasons." : "insufficient_funds").waitFor();
  await eventually(async () => Number(await figure("Declined").textContent()) >= 1, 20_000);
  expect(await figure("Operations").first().textContent()).toMatch(/^[\d.,]+\/s$/);
  expect(await figure("Median latency").textContent()).toMatch(/^[\d.]+.(ms|s)$/);
  expect(await figure("p99 latency").textContent()).toMatch(/^[\d.]+.(ms|s)$/);
  const { parts } = (await get("/readyz")).body;
  const shown = await page.locator("section", { hasText: "Parts" }).locator("li").count();
  expect(shown).toBe(Object.keys(parts).length);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);

test("an audit that is started shows its verdict once it has ended", async () => {
  const { page } = browser;
  await openView(page, "#/health");
  const before = (await get("/v1/audits/latest")).body?.auditId;
  await page.getByRole("button", { name: "Start an audit" }).click();
  const { verdict, finishedAt } = await eventually(async () => {
    const { body } = await get("/v1/audits/latest");
    return body.auditId !== undefined && body.auditId !== before && body;
  }, 60_000);
  await page.locator(`time[datetime="${finishedAt}"]`).waitFor();
  const card = page.locator("section", { hasText: "Last audit" });
  await card.getByText(new RegExp(`^${verdict}$`, "i")).waitFor();
}, 120_000);

test("a closed month has hashes and the same figures as the API; a running one has none", async () => {
  const { page } = browser;
  const closed = "2026-09";
  const { total, sha256 } = (await get(`/v1/reports/revenue?month=${closed}`)).body;
  await openView(page, `#/month/${closed}`);
  await page.getByText("Closed", { exact: true }).waitFor();
  await page.getByText(sha256).waitFor();
  expect(await figure("Revenue less refunds").textContent()).toContain(total);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Revenue by service (CSV)" }).click();
  expect((await download).suggestedFilename()).toBe(`revenue-${closed}.csv`);

  await openView(page, "#/month");
  await page.getByText("Running", { exact: true }).waitFor();
  expect(await page.getByText("when the month is closed").count()).toBe(3);
  await page.locator(".bars", { hasText: "Ad promotion" }).waitFor();
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);
