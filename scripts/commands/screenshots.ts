import { join } from "node:path";
import type { Page } from "playwright-core";
import { openCutOffPage } from "../../test/support/browser/page.ts";
import { openView, SIZES, type Size, settle, signIn } from "../../test/support/console/consolePage.ts";
import { makeScene, type Scene } from "../../test/support/console/scene.ts";
import { mintToken } from "../keys.ts";
import { rootDirectory } from "../stack/site.ts";
import { createStack } from "../stack/stack.ts";
import { ensureTools } from "../stack/tools.ts";
import { print } from "../terminal.ts";

type Shot = { name: string; size: Size; fragment: string };

/** Time in which the figures of the health view gather. */
const TRAFFIC_MS = 25_000;

const shotsOf = ({ userId, recognition, openReservation }: Scene): Shot[] => [
  { name: "user", size: "desktop", fragment: `#/user/${userId}` },
  { name: "user-phone", size: "phone", fragment: `#/user/${userId}` },
  { name: "refund", size: "desktop", fragment: `#/operation/${recognition}` },
  { name: "reservation", size: "desktop", fragment: `#/reservation/${openReservation}` },
  { name: "month", size: "desktop", fragment: "#/month" },
  { name: "health", size: "desktop", fragment: "#/health" },
  { name: "health-phone", size: "phone", fragment: "#/health" },
];

/** Takes the pictures of the console for the pages, of a running local stack: docs/images/console-*.png. */
export async function takeScreenshots(): Promise<void> {
  const { ports } = createStack("demo");
  const url = `http://localhost:${ports.api}`;
  await ensureTools("chromium-headless-shell");
  const token = await mintToken({ sub: "support" });
  const scene = await makeScene(url, token, `maria-${Date.now().toString(36)}`, Date.now().toString(36));
  await using browser = await openCutOffPage();
  const { page } = browser;
  await page.emulateMedia({ colorScheme: "light" });
  print(await measureFirstView(page, url));
  await signIn(page, url, token);
  for (const { name, size, fragment } of shotsOf(scene)) {
    await page.setViewportSize(SIZES[size]);
    await openView(page, fragment);
    if (name === "refund") {
      await page.getByRole("button", { name: "Refund" }).click();
      await page.getByLabel("Reason").fill("The first week was not delivered");
    }
    if (name === "health") await makeTraffic(scene);
    await settle(page);
    const path = `docs/images/console-${name}.png`;
    await page.screenshot({ path: join(rootDirectory, path), fullPage: ["month", "health"].includes(name) });
    if (name === "refund") await page.keyboard.press("Escape");
    print(path);
  }
}

/** Opens the console in a browser without a cache. The size is that of all its files as they were transferred. */
async function measureFirstView(page: Page, url: string): Promise<string> {
  const startedAt = performance.now();
  await page.goto(`${url}/console`);
  await page.getByRole("heading").first().waitFor();
  const ms = Math.round(performance.now() - startedAt);
  const entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]";
  const bytes = await page.evaluate(`${entries}.reduce((sum, { transferSize }) => sum + transferSize, 0)`);
  return `first view after ${ms} ms, ${Math.ceil(Number(bytes) / 1_000)} KB`;
}

/** Operations for the figures of the health view, some of them declined, and an audit. */
async function makeTraffic({ saldo, userId }: Scene): Promise<void> {
  await saldo.http.POST("/v1/audits", { params: { header: { Prefer: "wait=30" } } });
  const endsAt = Date.now() + TRAFFIC_MS;
  for (let turn = 0; Date.now() < endsAt; turn += 1) {
    const width = 1 + (turn % 5) * 3;
    await Promise.all(Array.from({ length: width }, () => saldo.deposit({ userId, amount: "1.00" })));
    if (turn % 4 === 0) await saldo.withdraw({ userId, amount: "90000.00" });
    await Bun.sleep(200);
  }
}
