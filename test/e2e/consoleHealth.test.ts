import { afterAll, beforeAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { openView, signIn } from "../support/console/consolePage.ts";
import { makeScene } from "../support/console/scene.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

let browser: CutOffPage;
beforeAll(async () => {
  browser = await openCutOffPage();
  await signIn(browser.page, apiUrl, await mintToken({ sub: "engineer" }));
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

const figure = (label: string) => browser.page.locator(".figure", { hasText: label }).locator(".value");

test("the health view counts operations, declines and latency of the last minutes, and the parts", async () => {
  const { page } = browser;
  await openView(page, "#/health");
  await page.getByText("last ").waitFor();
  await makeScene(apiUrl, await mintToken({ sub: "billing" }), uniqueUserId("vera"), uniqueUserId("run"));
  await page.getByText("insufficient_funds").waitFor();
  expect(await figure("Operations").first().textContent()).toMatch(/^[\d.,]+\/s$/);
  expect(await figure("Half of the answers within").textContent()).toMatch(/^[\d.]+.(ms|s)$/);
  expect(await figure("99 % within").textContent()).toMatch(/^[\d.]+.(ms|s)$/);
  expect(Number(await figure("Declined").textContent())).toBeGreaterThanOrEqual(1);
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
