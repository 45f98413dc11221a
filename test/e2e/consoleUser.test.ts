import { afterAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get } from "../support/api/client.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { openView, settle, signIn } from "../support/console/consolePage.ts";
import { openConsole } from "../support/console/openConsole.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const browser = await openConsole();
const { page, scene } = browser;
afterAll(() => browser[Symbol.asyncDispose]());

const rows = () => page.locator(".entries > li");

/** Chooses filters in the form, as a user does, and waits for the rows. */
async function applyFilters(choose: () => Promise<unknown>): Promise<void> {
  await openView(page, `#/user/${scene.userId}`);
  await choose();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("link", { name: "Clear" }).waitFor();
  await settle(page);
}

test("a filter by kind chooses the rows of the statement and of its file", async () => {
  await applyFilters(() => page.getByRole("combobox", { name: "Kind" }).selectOption("Deposit"));
  expect(new Set(await rows().locator(".when .fine").allTextContents())).toEqual(new Set(["Deposit"]));
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  const headers = { accept: "text/csv", authorization: `Bearer ${await mintToken({ sub: "support" })}` };
  const url = `${apiUrl}/v1/users/${scene.userId}/transactions?kind=deposit&sort=date&order=desc`;
  expect(file).toBe(await (await fetch(url, { headers })).text());
  expect(file.split("\n").length).toBeGreaterThan(5);
}, 60_000);

test("filters by service, order, day and size choose the rows, and stay after a reload", async () => {
  await applyFilters(() => page.getByLabel("Service", { exact: true }).fill("photos"));
  expect(await rows().filter({ hasNotText: "Photo session" }).count()).toBe(0);
  expect(await rows().count()).toBeGreaterThan(1);
  await applyFilters(() => page.getByLabel("Order", { exact: true }).fill(scene.orderId));
  await page.reload();
  await settle(page);
  expect(await page.getByLabel("Order", { exact: true }).inputValue()).toBe(scene.orderId);
  expect(await rows().filter({ hasNotText: scene.orderId }).count()).toBe(0);
  await applyFilters(() => page.getByRole("combobox", { name: "Sort" }).selectOption("Largest first"));
  expect(await rows().first().textContent()).toContain("+2,500.00");
  await applyFilters(() => page.getByLabel("To", { exact: true }).fill("2020-01-01"));
  await page.getByText("No entries match.").waitFor();
  await page.getByText("No entries in this period.").waitFor();
  const tomorrow = new Date(Date.now() + 48 * 3_600_000).toISOString().slice(0, 10);
  await applyFilters(() => page.getByLabel("From", { exact: true }).fill(tomorrow));
  await page.getByText("No entries match.").waitFor();
  const { available } = (await get(`/v1/users/${scene.userId}/balance`)).body;
  expect((await page.locator(".reading").textContent())!.replaceAll(",", "")).toContain(`${available}`);
  await page.getByRole("link", { name: "Clear" }).click();
  await rows().first().waitFor();
}, 60_000);

test("the chart reads the balance at the pointer, and ends now with the present one", async () => {
  await openView(page, `#/user/${scene.userId}`);
  const chart = page.locator(".chart");
  const reading = page.locator(".reading");
  const { available } = (await get(`/v1/users/${scene.userId}/balance`)).body;
  await reading.getByText(`${Number(available).toLocaleString("en", { minimumFractionDigits: 2 })}`).waitFor();
  const box = (await chart.boundingBox())!;
  const path = (await page.locator(".line.available").getAttribute("d"))!;
  const [, lastY, endX, endY] = /V([\d.]+)H([\d.]+)V([\d.]+)$/.exec(path)!;
  // The last entry changed the balance. From there on the line is level.
  expect([lastY, Math.round(Number(endX))]).toEqual([endY, Math.round(box.width - 12)]);
  // On the labels of the axis, which is before the first entry.
  await chart.hover({ position: { x: 80, y: 100 } });
  await reading.getByText("2,500.00 RUB available").waitFor();
}, 60_000);

test("an open reservation shows its time left, and after its deadline that it is overdue", async () => {
  await openView(page, `#/user/${scene.userId}`);
  await page.getByText(/^4.d 15.h left$/).waitFor();
  await using later = await openCutOffPage();
  await later.page.clock.setFixedTime(Date.now() + 500_000_000);
  await signIn(later.page, apiUrl, await mintToken({ sub: "support" }), `#/reservation/${scene.openReservation}`);
  await later.page.getByText(/^overdue 1.d \d+.h$/).waitFor();
}, 60_000);

test("a reservation that expires while it is shown is settled without a click", async () => {
  const { saldo, userId } = scene;
  const order = { userId, serviceId: "short", orderId: uniqueUserId("short"), amount: "1.00", ttlSeconds: 2 };
  const { operation } = (await saldo.reserve(order)) as { operation: { reservationId: string } };
  await openView(page, `#/reservation/${operation.reservationId}`);
  await page.getByText("1.00 expired").waitFor();
  await page.getByRole("heading", { level: 1, name: /Settled$/ }).waitFor();
}, 60_000);

test("a declined operation links to each reservation that it may have meant", async () => {
  const { saldo, userId } = scene;
  const order = { userId, serviceId: "twice", orderId: uniqueUserId("twice") };
  await saldo.reserve({ ...order, amount: "3.00" });
  await saldo.reserve({ ...order, amount: "4.00" });
  const outcome = await saldo.recognizeByFields({ ...order, amount: "5.00" });
  const { operationId, reservationIds } = outcome.status === "declined" ? outcome.problem : {};
  await openView(page, `#/operation/${operationId}`);
  await page.getByText("No open reservation holds exactly this amount.").first().waitFor();
  const links = page.locator(".fields div", { hasText: "Candidates" }).first().getByRole("link");
  expect(await links.evaluateAll((all) => all.map((one) => one.getAttribute("href")))).toEqual(
    reservationIds!.map((id) => `#/reservation/${id}`),
  );
  expect(reservationIds).toHaveLength(2);
}, 60_000);

test("operations and reservations link to their workflows in the Temporal Web UI", async () => {
  for (const [fragment, path, name] of [
    [`#/operation/${scene.recognition}`, `/v1/operations/${scene.recognition}`, "Workflow in Temporal"],
    [`#/reservation/${scene.openReservation}`, `/v1/reservations/${scene.openReservation}`, "Saga in Temporal"],
  ] as const) {
    const { links, workflowId } = (await get(path)).body;
    expect(links.temporal).toContain(workflowId);
    await openView(page, fragment);
    const link = page.getByRole("link", { name });
    expect(await link.getAttribute("href")).toBe(links.temporal);
    expect(await link.getAttribute("rel")).toContain("noopener");
  }
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
