import { mintToken } from "../../../scripts/keys.ts";
import { apiUrl } from "../api/client.ts";
import { type CutOffPage, openCutOffPage } from "../browser/page.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { signIn } from "./consolePage.ts";
import { makeScene, type Scene } from "./scene.ts";

export type Console = CutOffPage & { scene: Scene };

/** A console with `support` signed in. The caller `billing` has moved money of a user before. */
export async function openConsole(): Promise<Console> {
  const scene = await makeScene(
    apiUrl,
    await mintToken({ sub: "billing" }),
    uniqueUserId("maria"),
    uniqueUserId("run"),
  );
  const browser = await openCutOffPage();
  try {
    await signIn(browser.page, apiUrl, await mintToken({ sub: "support" }));
  } catch (error) {
    await browser[Symbol.asyncDispose]();
    throw error;
  }
  return { ...browser, scene };
}
