import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { devDirectory } from "../../../scripts/stack/site.ts";
import { locateTool } from "../../../scripts/stack/tools.ts";

const FLAGS = [
  "no-sandbox",
  "disable-gpu",
  "disable-background-networking",
  "disable-component-update",
  "disable-sync",
];

/** Temporal's Web UI reports it where its page is left while it renders. */
const UNLOADED = "getComputedStyle";

/** A page in a real browser that can reach only this machine. */
export type CutOffPage = AsyncDisposable & {
  page: Page;
  /** Requests that were addressed to other machines. */
  leaving: string[];
  /** Errors that the page reported. */
  errors: string[];
};

/** Opens a page, and refuses and records every request to other machines. The browser ends with the block. */
export async function openCutOffPage(): Promise<CutOffPage> {
  const browser = await chromium.launch({
    executablePath: locateTool("chromium-headless-shell"),
    args: FLAGS.map((flag) => `--${flag}`),
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  page.setDefaultTimeout(60_000);
  const leaving: string[] = [];
  const errors: string[] = [];
  await page.route(
    ({ hostname, protocol }) => protocol !== "data:" && !["localhost", "127.0.0.1"].includes(hostname),
    async (route) => {
      leaving.push(route.request().url());
      await route.abort();
    },
  );
  page.on("pageerror", ({ message }) => {
    if (!message.includes(UNLOADED)) errors.push(message);
  });
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return { page, leaving, errors, [Symbol.asyncDispose]: () => browser.close() };
}

/** The part of the Web UI without its menu. */
const PICTURE = { x: 256, y: 50, width: 1_144, height: 660 };

/** Takes a picture of the page into .dev/pictures. The one in docs/images is a copy of it. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(devDirectory, "pictures", `${name}.png`), clip: PICTURE });
}
