import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl } from "../support/api/client.ts";
import { availableOf } from "../support/api/funds.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

type Document = { tags: { name: string }[]; paths: Record<string, Record<string, { tags: string[] }>> };

test("an integrator authorizes and makes a deposit on the page, which loads nothing from other machines", async () => {
  await using browser = await openCutOffPage();
  const { page } = browser;
  const loaded = await page.goto(`${apiUrl}/swagger`);
  expect(loaded?.headers()["content-security-policy"]).not.toMatch(/unsafe|https?:/);
  await page.locator(".opblock").first().waitFor();
  const shown = await page
    .locator(".opblock-summary-path")
    .evaluateAll((paths) => paths.map((one) => one.getAttribute("data-path")));
  const { tags, paths } = (await (await fetch(`${apiUrl}/swagger/json`)).json()) as Document;
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, tag: operation.tags[0] })),
  );
  expect(shown).toEqual(tags.flatMap(({ name }) => routes.filter(({ tag }) => tag === name).map(({ path }) => path)));

  await page.getByRole("button", { name: "Authorize" }).click();
  await page.getByLabel("auth-bearer-value").fill(await mintToken());
  await page.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close" }).click();

  const deposit = page.locator(".opblock", { hasText: "/v1/deposits" });
  await deposit.locator(".opblock-summary").click();
  const userId = uniqueUserId();
  await deposit.locator("tr", { hasText: "Idempotency-Key" }).locator("input").fill(crypto.randomUUID());
  await deposit.locator("tr", { hasText: "Prefer" }).locator("input").fill("wait=30");
  const example = JSON.parse(await deposit.locator("textarea").inputValue());
  await deposit.locator("textarea").fill(JSON.stringify({ ...example, userId }));
  await deposit.getByRole("button", { name: "Execute" }).click();

  const answer = deposit.locator(".live-responses-table");
  await answer.waitFor();
  expect(await answer.locator("tbody .response-col_status").first().textContent()).toContain("200");
  const body = await answer.locator(".highlight-code").first().textContent();
  expect(body).toContain('"status": "completed"');
  expect(body).toContain(userId);
  expect(await availableOf(userId)).toBe(example.amount);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);
