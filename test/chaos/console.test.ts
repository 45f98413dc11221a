import { afterAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get } from "../support/api/client.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { isTooWide, openView, SIZES, signIn } from "../support/console/consolePage.ts";
import { openConsole } from "../support/console/openConsole.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { depositOne } from "../support/temporal/depositCarriers.ts";
import { eventually } from "../support/waiting.ts";

const browser = await openConsole();
const { page, scene } = browser;
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await restoreStack();
});

/** The same for every view. */
async function assertAllWellFormed(): Promise<void> {
  const { userId, orderId, recognition, openReservation } = scene;
  const views = [
    ...["#/find", `#/user/${userId}`, `#/operation/${recognition}`, `#/reservation/${openReservation}`],
    ...[`#/order/${orderId}`, "#/month", "#/health"],
  ];
  for (const fragment of views) {
    await openView(page, fragment);
    await assertWellFormed();
  }
}

/** The present view fits the window in both sizes, without a serious finding. */
async function assertWellFormed(): Promise<void> {
  for (const size of Object.values(SIZES)) {
    await page.setViewportSize(size);
    expect([size.width, await isTooWide(page)]).toEqual([size.width, false]);
  }
  expect(await findSeriousIn(page)).toEqual([]);
}

/** Allows the errors that the browser itself reports for failed requests. */
function assertNoOtherError(): void {
  expect(browser.errors.filter((error) => !error.startsWith("Failed to load resource"))).toEqual([]);
  expect(browser.leaving).toEqual([]);
}

test("while Kafka is away the console shows the waiting event, and its publication afterwards", async () => {
  await withOutage("kafka", "stopped", async () => {
    const { operationId } = (await depositOne(scene.userId)).body;
    await openView(page, `#/operation/${operationId}`);
    await page.getByText("Event on its way").waitFor();
    await assertWellFormed();
    await assertAllWellFormed();
    await openView(page, "#/health");
    // The oldest event has an age.
    await page
      .locator("tr", { hasText: "Outbox" })
      .locator("td")
      .last()
      .getByText(/^\d+.(s|min)/)
      .waitFor();
    await openView(page, `#/operation/${operationId}`);
  });
  await page.getByText("Event published").waitFor({ timeout: 90_000 });
  assertNoOtherError();
}, 180_000);

test("while PostgreSQL is away views explain it, and a refund ends done and once when it is back", async () => {
  await openView(page, `#/operation/${scene.recognition}`);
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await page.getByLabel("Reason").fill("During an outage");
  await withOutage("postgres", "stopped", async () => {
    await page.getByRole("button", { name: "Refund now" }).click();
    await page.getByText("Pending.").waitFor();
    await using second = await openCutOffPage();
    const other = second.page;
    await signIn(other, apiUrl, await mintToken({ sub: "support" }), `#/user/${scene.userId}`);
    await other.getByText("The ledger is away.").first().waitFor();
    await other.getByText("ledger_unavailable").first().waitFor();
    await other
      .getByText(/Request console-[0-9a-f]{32}/)
      .first()
      .waitFor();
    await openView(other, "#/health");
    await other.getByText("PostgreSQL is down.").waitFor();
  });
  await eventually(async () => {
    const again = page.getByRole("button", { name: "Ask again" });
    if (await again.isVisible()) await again.click();
    return await page.getByText("Done.").isVisible();
  }, 90_000);
  await page.keyboard.press("Escape");
  const { body } = await get(`/v1/operations?reservationId=${scene.settledReservation}&kind=refund`);
  expect(body.items.map(({ status, amount }: Record<string, string>) => [status, amount])).toEqual([
    ["completed", "420.00"],
  ]);
  await openView(page, `#/user/${scene.userId}`);
  await page.getByText("Settled reservations").waitFor();
  assertNoOtherError();
}, 240_000);

test("while PostgreSQL is away every view is well formed", async () => {
  await withOutage("postgres", "stopped", assertAllWellFormed);
  assertNoOtherError();
}, 180_000);

test("while Saldo is away views stay, name the failure, and go on by themselves or by a click", async () => {
  await openView(page, "#/health");
  await page.getByText("Refreshed at").waitFor();
  await withOutage("saldo", "killed", async () => {
    await page.getByText("Not refreshed since").waitFor();
    await page.getByText("Saldo does not answer.").first().waitFor();
    await assertWellFormed();
    await assertAllWellFormed();
    await openView(page, `#/user/${scene.userId}`);
    await page.getByText("Saldo does not answer.").first().waitFor();
  });
  await page.getByRole("button", { name: "Try again" }).first().click();
  await page.getByText("Open reservations").waitFor();
  await openView(page, "#/health");
  await page.getByText("Not refreshed since").waitFor({ state: "detached" });
  await page.getByText("Refreshed at").waitFor();
  assertNoOtherError();
}, 180_000);
