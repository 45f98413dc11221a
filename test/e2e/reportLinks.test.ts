import { beforeAll, expect, test } from "bun:test";
import { readKeys } from "../../scripts/keys.ts";
import { createReportLinks } from "../../src/api/reports/links.ts";
import { stack } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";
import { download, getReport, REPORTS_PATH } from "../support/api/reports.ts";
import { readServiceLog } from "../support/stack/serviceLog.ts";

const MONTH = "2016-02";
const options = {
  signingKey: readKeys().SIGNING_KEY,
  publicUrl: stack.environment.PUBLIC_URL!,
  ttlSeconds: 3600,
};

let url: URL;
beforeAll(async () => {
  url = new URL((await getReport(MONTH)).body.url);
});

async function expectRefused(link: string | URL, code: "link_invalid" | "link_expired"): Promise<void> {
  const { status, headers, text } = await download(`${link}`);
  expectProblem({ status, headers, body: JSON.parse(text) }, code, new URL(link).pathname);
  expect(text).not.toContain(new URL(link).searchParams.get("signature") || "no signature");
}

function changed(change: (link: URL) => void): URL {
  const link = new URL(url);
  change(link);
  return link;
}

test("a link needs no token and expires after an hour", async () => {
  const endsInSeconds = Number(url.searchParams.get("expires")) - Date.now() / 1000;
  expect(endsInSeconds).toBeGreaterThan(3_500);
  expect(endsInSeconds).toBeLessThanOrEqual(3_600);
  expect((await download(url.href)).status).toBe(200);
});

test("a changed or forged link is refused", async () => {
  const flipped = (text: string) => (text.startsWith("A") ? "B" : "A") + text.slice(1);
  const signature = url.searchParams.get("signature")!;
  const links = [
    changed((link) => link.searchParams.set("signature", flipped(signature))),
    changed((link) => link.searchParams.set("signature", "")),
    changed((link) => link.searchParams.delete("signature")),
    changed((link) => link.searchParams.set("expires", `${Number(url.searchParams.get("expires")) + 1}`)),
    changed((link) => link.searchParams.delete("expires")),
    changed((link) => {
      link.pathname = `${REPORTS_PATH}/2016-03.csv`;
    }),
    changed((link) => {
      link.pathname = `${REPORTS_PATH}/${MONTH}`;
    }),
    changed((link) => {
      link.search = "";
    }),
    createReportLinks({ ...options, signingKey: "another key of thirty-two bytes.." }).create({
      report: "revenue",
      month: MONTH,
    }),
  ];
  for (const link of links) await expectRefused(link, "link_invalid");
});

test("an expired link is refused with a code of its own", async () => {
  await expectRefused(
    createReportLinks({ ...options, ttlSeconds: -1 }).create({ report: "revenue", month: MONTH }),
    "link_expired",
  );
});

test("no signature is logged, valid or invalid", async () => {
  const bad = changed((link) => link.searchParams.set("signature", "x".repeat(43)));
  await download(url.href);
  await download(bad.href);
  const log = await readServiceLog();
  expect(log).toContain("Saldo is up");
  for (const link of [url, bad]) expect(log).not.toContain(link.searchParams.get("signature")!);
});
