import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { toMinor } from "../../console/src/amounts.ts";
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
/** The largest amount of an operation. */
const LARGEST = "9999999999999.99";
const ARABIC_NAME = "ترقية الإعلان (أسبوع)";

const reportsMonth = new Date().toLocaleDateString("sv", { timeZone: "Europe/Moscow" }).slice(0, 7);
const [year, month] = reportsMonth.split("-").map(Number) as [number, number];

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
  const rich = { userId: longUser, amount: LARGEST };
  const order = { ...rich, serviceId: `${serviceId}-rich`, orderId };
  const operations = [
    ...Array.from({ length: 101 }, () => ({ kind: "deposit", ...rich })),
    { kind: "reservation", ...order },
    { kind: "recognition", ...order },
  ].map((operation) => ({ ...operation, idempotencyKey: crypto.randomUUID() }));
  const { body } = await post("/v1/batches", { operations }, { key: null, wait: 30 });
  expect(new Set(body.operations.map(({ status }: { status: string }) => status))).toEqual(new Set(["completed"]));
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
  // A label of the axis that is cut at its left is another amount.
  const lefts = (await page.evaluate(
    "[...document.querySelectorAll('.chart text')].map((label) => label.getBBox().x)",
  )) as number[];
  expect(lefts.length).toBeGreaterThan(3);
  expect(Math.min(...lefts)).toBeGreaterThanOrEqual(0);
  const directions = await page.locator(".entries bdi").evaluateAll((all) => all.map((one) => one.getAttribute("dir")));
  expect(new Set(directions)).toEqual(new Set(["auto"]));
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 120_000);

const amountOf = async (label: string) => toMinor((await figure(label).first().textContent())!.replace(/[^\d.]/g, ""));
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

test("health that is opened again shows nothing of before until it is read again", async () => {
  const { page } = browser;
  await openView(page, "#/health");
  await page.getByText("Refreshed at").waitFor();
  await openView(page, "#/find");
  await page.route("**/console/metrics", (route) => route.abort());
  await openView(page, "#/health");
  await page.getByText("Saldo does not answer.").waitFor();
  expect(await page.locator(".figure, .notice.good").count()).toBe(0);
  await page.unroute("**/console/metrics");
  await page.getByText("Refreshed at").waitFor();
  await page.locator(".figure").first().waitFor();
  browser.errors.length = 0;
}, 60_000);

test("an audit that is started shows its verdict once it has ended", async () => {
  const { page } = browser;
  await openView(page, "#/health");
  const before = (await get("/v1/audits/latest")).body?.auditId;
  const start = page.getByRole("button", { name: "Start an audit" });
  // An audit that never ends is shown as running. Another one can be started.
  const temporal = "http://localhost:8233/namespaces/default/workflows/audit";
  const running = { auditId: "a", workflowId: "audit", status: "running", links: { temporal } };
  await page.route("**/v1/audits", (route) => route.fulfill({ status: 202, json: running }));
  await start.click();
  await page.getByText("An audit is running.").waitFor();
  expect(await page.getByRole("link", { name: "Audit in Temporal" }).last().getAttribute("href")).toBe(temporal);
  await page.unroute("**/v1/audits");
  await start.click();
  const { verdict, finishedAt } = await eventually(async () => {
    const { body } = await get("/v1/audits/latest");
    return body.auditId !== undefined && body.auditId !== before && body;
  }, 60_000);
  await page.locator(`time[datetime="${finishedAt}"]`).waitFor();
  const card = page.locator("section", { hasText: "Last audit" });
  await card.getByText(new RegExp(`^${verdict}$`, "i")).waitFor();
  await page.getByText("An audit is running.").waitFor({ state: "detached" });
}, 120_000);

test("a closed month has hashes and the same figures as the API; a running one has none", async () => {
  const { page } = browser;
  const closed = "2026-09";
  const { total, sha256, url } = (await get(`/v1/reports/revenue?month=${closed}`)).body;
  await openView(page, `#/month/${closed}`);
  await page.getByText("Closed", { exact: true }).waitFor();
  await page.getByText(sha256).waitFor();
  expect(await figure("Revenue less refunds").textContent()).toContain(total);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Revenue by service (CSV)" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`revenue-${closed}.csv`);
  expect(await readFile(await file.path(), "utf8")).toBe(await (await fetch(url)).text());

  await openView(page, "#/month");
  await page.getByText("Running", { exact: true }).waitFor();
  const shown = await Promise.all(["Revenue less refunds", "Recognized", "Refunded"].map(amountOf));
  const running = (await get(`/v1/reports/balances?month=${reportsMonth}`)).body;
  const sum = (await get(`/v1/reports/revenue?month=${reportsMonth}`)).body;
  expect(shown).toEqual([sum.total, running.revenue, running.refunds].map(toMinor));
  expect(shown[2]).toBeGreaterThan(0n);
  expect(await page.getByText("when the month is closed").count()).toBe(3);
  await page.locator(".bars", { hasText: "Ad promotion" }).waitFor();
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);

test("a month that does not exist is refused, and another one can be chosen", async () => {
  const { page } = browser;
  const field = page.getByLabel("Month", { exact: true });
  for (const month of ["abc", "2026-13", "2026-1"]) {
    await openView(page, `#/month/${month}`);
    await page.getByText("Type a month like 2026-11.").waitFor();
    await field.fill("2026-09");
    await page.getByRole("heading", { level: 1, name: "September 2026" }).waitFor();
    await page.getByText("Closed", { exact: true }).waitFor();
  }
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);

test("a file that cannot be read is explained with its code, in the list of files and in the chart", async () => {
  await using month = await openCutOffPage();
  await signIn(month.page, apiUrl, await mintToken({ sub: "accounting" }), "#/month");
  const refuse = (code: string, status: number) =>
    month.page.route("**/*.csv?*", (route) =>
      route.fulfill({ status, json: { code, status, title: "t", retryable: false, requestId: "request-7" } }),
    );
  const balances = month.page.getByRole("button", { name: "Balances (CSV)" });
  await balances.waitFor();
  await refuse("ledger_unavailable", 503);
  await balances.click();
  await month.page.getByText("The ledger is away.").waitFor();
  await month.page.getByText(/ledger_unavailable.*request-7/).waitFor();
  await refuse("link_expired", 403);
  await month.page.reload();
  await month.page.getByText("The link to the file has expired.").waitFor();
}, 60_000);

test.each([
  ["has begun elsewhere", Date.UTC(year, month, 1, 5)],
  ["has not begun elsewhere", Date.UTC(year, month - 1, 1, 5)],
])(
  "the month that runs in the reports' time zone is opened, also where it %s",
  async (_, clockMs) => {
    await using browser = await openCutOffPage();
    const { page } = browser;
    // Five hours after it has ended in UTC, a month still runs in the west.
    await page.clock.setFixedTime(clockMs);
    await signIn(page, apiUrl, await mintToken({ sub: "accounting" }), "#/month");
    await page.getByText("Running", { exact: true }).waitFor();
    const name = new Date(Date.UTC(year, month - 1)).toLocaleDateString("en", { month: "long", year: "numeric" });
    await page.getByRole("heading", { level: 1, name }).waitFor();
    expect([browser.leaving, browser.errors]).toEqual([[], []]);
  },
  60_000,
);
