import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { allScopes, mintToken } from "../../scripts/keys.ts";
import { apiUrl, post } from "../support/api/client.ts";
import { type CutOffPage, openCutOffPage } from "../support/browser/page.ts";
import { findSeriousIn } from "../support/console/axe.ts";
import { isTooWide, openView, SIZES, type Size, signIn, signOut } from "../support/console/consolePage.ts";
import { makeScene, type Scene } from "../support/console/scene.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

/** A month before the first entry, which a request closes. */
const CLOSED_MONTH = "2026-09";

/** The scopes of each role, its tabs, and its views. */
const ROLES = {
  everything: {
    scope: allScopes,
    tabs: "Find Month Health",
    views: "find user operation reservation order month health",
  },
  support: {
    scope: "balance:read operations:read refunds:write reservations:write",
    tabs: "Find Health",
    views: "find user operation reservation order health",
  },
  reader: { scope: "balance:read", tabs: "Find Health", views: "find user operation reservation health" },
  accounting: { scope: "reports:read", tabs: "Month Health", views: "month health" },
  onCall: { scope: "audit operations:read", tabs: "Find Health", views: "find order health" },
} as const;
type Role = keyof typeof ROLES;
const roles = Object.keys(ROLES) as Role[];
const sizes = Object.keys(SIZES) as Size[];

let browser: CutOffPage;
let scene: Scene;
beforeAll(async () => {
  scene = await makeScene(apiUrl, await mintToken({ sub: "support" }), uniqueUserId("maria"), uniqueUserId("run"));
  await post("/v1/audits", undefined, { key: null, wait: 30 });
  browser = await openCutOffPage();
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** Each view, with a text that it shows once it is complete. */
function viewsOf({ userId, orderId, recognition, openReservation, declined }: Scene) {
  return [
    { view: "find", fragment: "#/find", text: "Find a user, an order or an operation" },
    { view: "user", fragment: `#/user/${userId}`, text: "Settled reservations" },
    { view: "operation", fragment: `#/operation/${recognition}`, text: "Committed to the ledger" },
    {
      view: "operation",
      fragment: `#/operation/${declined}`,
      text: "The available balance does not cover the amount.",
    },
    { view: "reservation", fragment: `#/reservation/${openReservation}`, text: "Reservation open" },
    { view: "order", fragment: `#/order/${orderId}`, text: "Photo session" },
    { view: "month", fragment: "#/month", text: "This month is still running." },
    { view: "month", fragment: `#/month/${CLOSED_MONTH}`, text: "This month is closed." },
    { view: "health", fragment: "#/health", text: "Overdue reservations" },
  ];
}

describe.each(roles)("with a token of the role %s", (role) => {
  const { scope, tabs, views } = ROLES[role];

  test("the console offers the views of its scopes and no others, in both sizes", async () => {
    const { page } = browser;
    await signIn(page, apiUrl, await mintToken({ sub: role, scope }));
    for (const size of sizes) {
      await page.setViewportSize(SIZES[size]);
      expect((await page.locator("nav a").allInnerTexts()).join(" ")).toBe(tabs);
      for (const { view, fragment, text } of viewsOf(scene)) {
        await openView(page, fragment);
        const isOffered = views.split(" ").includes(view);
        // Without it, the first view is the first one that the token allows.
        if (view === "find" && !isOffered) continue;
        const shown = isOffered ? text : "Your token does not allow this view.";
        await page.getByText(shown).first().waitFor();
        expect([role, size, fragment, await isTooWide(page)]).toEqual([role, size, fragment, false]);
        // Readers and accounting have the fewest parts. Those of the other roles are between.
        if (role === "everything" || (size === "phone" && ["reader", "accounting"].includes(role))) {
          expect([role, size, fragment, await findSeriousIn(page)]).toEqual([role, size, fragment, []]);
        }
      }
    }
    await signOut(page);
    expect([browser.leaving, browser.errors]).toEqual([[], []]);
  }, 120_000);
});

test("in dark colours no view has a serious finding", async () => {
  const { page } = browser;
  await page.emulateMedia({ colorScheme: "dark" });
  await signIn(page, apiUrl, await mintToken({ sub: "everything" }));
  const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
  for (const { fragment, text } of viewsOf(scene)) {
    await openView(page, fragment);
    await page.getByText(text).first().waitFor();
    expect([fragment, await findSeriousIn(page)]).toEqual([fragment, []]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).not.toBe(background);
  await signOut(page);
}, 120_000);

test.each([
  ["everything", true, true],
  ["support", true, true],
  ["reader", false, false],
] as const)(
  "a token of %s is offered refunds (%p) and releases (%p) as its scopes allow",
  async (role, refund, release) => {
    const { page } = browser;
    await signIn(page, apiUrl, await mintToken({ sub: role, scope: ROLES[role].scope }));
    await openView(page, `#/user/${scene.userId}`);
    await page.getByText("Settled reservations").waitFor();
    const has = async (name: string) => (await page.getByRole("button", { name, exact: true }).count()) > 0;
    expect([await has("Refund"), await has("Release")]).toEqual([refund, release]);
    await signOut(page);
  },
  60_000,
);

test("signing in has no serious finding, refuses other text, and leaves no token behind after signing out", async () => {
  const { page } = browser;
  await page.goto(`${apiUrl}/console`);
  expect(await findSeriousIn(page)).toEqual([]);
  // A browser offers to store the content of a password field.
  expect(await page.locator("input[type=password]").count()).toBe(0);
  expect(await page.evaluate("getComputedStyle(document.querySelector('input')).webkitTextSecurity")).toBe("disc");
  await page.getByLabel("Token").fill("no token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This is no access token.").waitFor();
  const token = await mintToken({ sub: "support" });
  await signIn(page, apiUrl, token);
  await openView(page, `#/user/${scene.userId}`);
  expect(page.url()).not.toContain(token.slice(0, 20));
  expect(await page.evaluate("[localStorage.length, document.cookie]")).toEqual([0, ""]);
  await signOut(page);
  expect(await page.evaluate("sessionStorage.length")).toBe(0);
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);

test("a view that is asked for while the page is drawn for the first time is opened", async () => {
  const { page } = browser;
  await page.goto(`${apiUrl}/console`);
  await page.evaluate(`new MutationObserver((_, observer) => {
    if (!document.querySelector("nav")) return;
    observer.disconnect();
    location.hash = "#/health";
  }).observe(document.body, { childList: true, subtree: true })`);
  await page.getByLabel("Token").fill(await mintToken({ sub: "support" }));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Health" }).waitFor();
  await signOut(page);
}, 60_000);

test("the keyboard reaches the content by the skip link, and the focus is visible", async () => {
  const { page } = browser;
  await signIn(page, apiUrl, await mintToken({ sub: "support" }));
  await page.reload();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("button", { name: "Skip to the content" });
  expect(await skip.evaluate((one) => one === (one.ownerDocument as { activeElement: unknown }).activeElement)).toBe(
    true,
  );
  const box = await skip.boundingBox();
  expect(box!.width).toBeGreaterThan(40);
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("main");
  await page.keyboard.press("Shift+Tab");
  expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  await signOut(page);
}, 60_000);
