import type { Page } from "playwright-core";

/** The two sizes that the console is looked at in: a desktop and a phone. */
export const SIZES = { desktop: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

/** Signs in as a user does: by the form of the first view. An earlier session in the tab ends. */
export async function signIn(page: Page, url: string, token: string, fragment = ""): Promise<void> {
  await page.goto(`${url}/console`);
  await page.evaluate("sessionStorage.clear()");
  await page.goto("about:blank");
  await page.goto(`${url}/console${fragment}`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("nav").waitFor();
}

/** Opens a view by its fragment, and waits until nothing of it is loading. */
export async function openView(page: Page, fragment: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
  // The view of the new fragment is drawn after this.
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  await page.locator("main h1, main .empty").first().waitFor();
  await settle(page);
}

/** Waits until no part of the view is loading. */
export async function settle(page: Page): Promise<void> {
  await page.locator(".loading").first().waitFor({ state: "detached" });
}

/** Whether the page is wider than the window, so that it scrolls to the side. */
export async function isTooWide(page: Page): Promise<boolean> {
  return (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) as boolean;
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
}
