import { expect, test } from "bun:test";
import { SECURITY_HEADERS } from "../../src/api/http/securityHeaders.ts";
import { apiUrl, get, post } from "../support/api/client.ts";
import { getReport } from "../support/api/reports.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

test("every response has the security headers, and none that identify the server", async () => {
  const userId = uniqueUserId();
  const deposit = await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 20 });
  const link = new URL((await getReport("2016-02")).body.url);
  const answers = [
    deposit,
    await post("/v1/deposits", { userId, amount: 1 }),
    await post("/v1/withdrawals", { userId, amount: "2.00" }, { wait: 20 }),
    await post("/v1/deposits", "x".repeat(2 ** 20 + 1)),
    ...(await Promise.all(
      [
        "/healthz",
        "/readyz",
        "/swagger/json",
        "/nothing",
        `/v1/users/${userId}/balance`,
        link.pathname + link.search,
      ].map((path) => get(path)),
    )),
    await get("/v1/services", { token: "none" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 422, 413, 200, 200, 200, 404, 200, 200, 401]);
  for (const { headers } of answers) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(headers.get(name)).toBe(value);
    for (const banner of ["server", "x-powered-by"]) expect(headers.get(banner)).toBeNull();
  }
});

test("the page of the API document has its own content security policy, and otherwise the same headers", async () => {
  for (const path of ["/swagger", "/swagger/start.js", "/swagger/swagger-ui.css"]) {
    const { status, headers } = await fetch(apiUrl + path);
    expect(status).toBe(200);
    const isAsset = path.endsWith(".css");
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (name !== "content-security-policy" || isAsset) expect([path, headers.get(name)]).toEqual([path, value]);
      else expect(headers.get(name)).toContain("script-src 'self'");
    }
  }
});
