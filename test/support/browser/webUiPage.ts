import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { stack } from "../api/client.ts";

/**
 * Attempts, each on a reloaded page. The page queries the workflow for its details once, and a busy worker may answer
 * too late.
 */
const LOOKS = 6;

/** Opens the page of a workflow and waits for details that begin with this text. */
export async function awaitDetails(
  page: Page,
  { links }: { links: { temporal: string } },
  text: string,
): Promise<void> {
  for (let look = 1; ; look += 1) {
    try {
      await page.goto(links.temporal);
      await page.getByRole("tab", { name: "User Metadata" }).click();
      await frameOf(page, text).waitFor({ timeout: 5_000 });
      return;
    } catch (error) {
      if (look === LOOKS) throw error;
    }
  }
}

/** Waits for a text of the workflow on the page. */
export async function awaitText(page: Page, text: string): Promise<void> {
  await frameOf(page, text).waitFor();
}

/** Finds the frame whose text begins with `text`. The Web UI shows user texts in separate frames. */
function frameOf(page: Page, text: string) {
  return page.frameLocator(`iframe[src*="${encodeURIComponent(text)}"]`).getByText(text);
}

/** The contents of the code blocks on the page, once there are at least `count`. */
export async function readBlocks(page: Page, count = 1): Promise<string[]> {
  const blocks = page.locator(".cm-content:visible");
  await blocks.nth(count - 1).waitFor();
  return await blocks.allInnerTexts();
}

/** Opens the list of workflows for this query and waits until it shows exactly these. */
export async function awaitListed(page: Page, query: string, workflowIds: string[]): Promise<void> {
  const url = `${stack.environment.TEMPORAL_UI_URL}/namespaces/default/workflows?query=${encodeURIComponent(query)}`;
  await page.goto(url);
  for (const workflowId of workflowIds) await page.getByRole("link", { name: workflowId }).waitFor();
  expect(await page.locator("tbody tr").count()).toBe(workflowIds.length);
}
