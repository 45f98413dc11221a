import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { apiUrl } from "../support/api/client.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { buildClient, createService, run } from "../support/client/build.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

/** A deposit whose first response is lost, and a decline. */
const SMOKE = `
async function smoke({ createSaldo, SaldoUncertain }, { url, token, userId }) {
  let requests = 0;
  const lossy = async (request) => {
    const response = await fetch(request);
    requests += 1;
    if (requests > 1) return response;
    await response.text();
    throw new TypeError("fetch failed");
  };
  const saldo = createSaldo({ url, token: () => token, fetch: lossy });
  const deposit = await saldo.deposit({ userId, amount: "5.00" });
  const withdrawal = await createSaldo({ url, token }).withdraw({ userId, amount: "6.00" });
  const balance = await saldo.http.GET("/v1/users/{userId}/balance", { params: { path: { userId } } });
  const late = AbortSignal.abort(new Error("late"));
  const aborted = await saldo.deposit({ userId, amount: "1.00" }, { signal: late }).catch(({ message }) => message);
  return [deposit.status, withdrawal.code, balance.data.available, balance.data.version, requests, aborted];
}
`;
const EXPECTED = ["completed", "insufficient_funds", "5.00", 1, 3, "late"];

beforeAll(buildClient, 60_000);

test("the built package works on plain Node.js", async () => {
  const config = JSON.stringify({ url: apiUrl, token: await mintToken(), userId: uniqueUserId() });
  using service = await createService(
    "smoke.mjs",
    `import * as client from "saldo-client";\n${SMOKE}\nconsole.log(JSON.stringify(await smoke(client, ${config})));`,
  );
  expect(await run(["node", "smoke.mjs"], service.folder)).toBe(`${JSON.stringify(EXPECTED)}\n`);
}, 60_000);

test("the built package, bundled, works on a page of the API's origin in a browser", async () => {
  const bundle = await Bun.build({ entrypoints: [join(rootDirectory, "client/dist/index.js")], target: "browser" });
  const script = await bundle.outputs[0]!.text();
  await using browser = await openCutOffPage();
  const { page } = browser;
  await page.route(`${apiUrl}/smoke.js`, (route) =>
    route.fulfill({ contentType: "text/javascript", body: `${script}\n${SMOKE}\nexport { smoke };` }),
  );
  await page.route(`${apiUrl}/smoke`, (route) =>
    route.fulfill({ contentType: "text/html", body: '<!doctype html><link rel="icon" href="data:,">' }),
  );
  await page.goto(`${apiUrl}/smoke`);
  const config = { url: apiUrl, token: await mintToken(), userId: uniqueUserId() };
  const result = await page.evaluate(
    `import("/smoke.js").then((client) => client.smoke(client, ${JSON.stringify(config)}))`,
  );
  expect(result).toEqual(EXPECTED);
  expect(browser.leaving).toEqual([]);
}, 60_000);
