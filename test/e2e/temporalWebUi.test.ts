import { expect, test } from "bun:test";
import { post, stack } from "../support/api.ts";
import { openCutOffPage } from "../support/browser.ts";
import { userWith } from "../support/funds.ts";
import { uniqueUserId } from "../support/operations.ts";

test("an operator reads in the Temporal Web UI what was asked, what became of it, and finds it by its user", async () => {
  const [bob, alice] = [await userWith("10.00", "bob"), uniqueUserId("alice")];
  const body = { fromUserId: bob, toUserId: alice, amount: "1.50", comment: "Rent" };
  const transfer = (await post("/v1/transfers", body, { wait: 20 })).body;
  await using browser = await openCutOffPage();
  const { page } = browser;

  await page.goto(transfer.links.temporal);
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await page.getByRole("heading", { name: transfer.workflowId }).waitFor();
  await page.getByRole("link", { name: "carrier", exact: true }).waitFor();
  const [input, result] = await texts(2);
  expect(JSON.parse(input!).operations).toMatchObject([
    { operationId: transfer.operationId, kind: "transfer", request: body },
  ]);
  expect(JSON.parse(result!)).toEqual({
    outcomes: [{ operationId: transfer.operationId, status: "completed", balance: transfer.balance }],
  });

  await page.getByRole("tab", { name: "User Metadata" }).click();
  // The Web UI shows texts of others in frames of their own.
  const [summary, details] = ["Transfer 1.50 RUB", "Completed"].map((text) =>
    page.frameLocator(`iframe[src*="${encodeURIComponent(text)}"]`),
  );
  await summary!.getByText(`Transfer 1.50 RUB ${bob} → ${alice}`).waitFor();
  await details!.getByText("Completed").waitFor();

  await page.getByRole("tab", { name: "Search Attributes" }).click();
  await page.getByText('"OperationKind"').waitFor();
  const [attributes] = await texts(1);
  expect(JSON.parse(attributes!)).toMatchObject({ OperationKind: ["transfer"], UserId: [bob, alice] });

  const query = encodeURIComponent(`UserId = "${alice}"`);
  await page.goto(`${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows?query=${query}`);
  await page.getByRole("link", { name: transfer.workflowId }).waitFor();
  expect(await page.locator("tbody tr").count()).toBe(1);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);

  async function texts(count: number): Promise<string[]> {
    const blocks = page.locator(".cm-content:visible");
    await blocks.nth(count - 1).waitFor();
    return await blocks.allInnerTexts();
  }
}, 60_000);
