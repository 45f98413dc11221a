import { expect, test } from "bun:test";
import { apiUrl } from "../support/api/client.ts";

const page = await fetch(`${apiUrl}/console`);
const html = await page.text();
const files = [...html.matchAll(/(?:src|href)="(console\/[^"]+)"/g)].map(([, path]) => `${apiUrl}/${path}`);
const COMPRESSED_BYTES_MAX = 150_000;

test("the console allows own sources only, and nothing inline", () => {
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy.split("; ")).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(html).not.toMatch(/<script>|<style|style="|\son\w+=/);
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
  expect(page.headers.get("x-frame-options")).toBe("DENY");
});

test("the files have hashes in their names and never change; the page is checked each time", async () => {
  expect(files).toHaveLength(3);
  for (const file of files) {
    expect(file).toMatch(/-[a-z0-9]{8}\.(js|css|svg)$/);
    const { status, headers } = await fetch(file);
    expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect(headers.get("content-type")).toMatch(/javascript|text\/css|image\/svg/);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const headers = { "if-none-match": page.headers.get("etag")! };
  const current = await fetch(`${apiUrl}/console`, { headers });
  expect(current.status).toBe(304);
  // The browser puts them in place of the page's.
  for (const name of ["cache-control", "content-security-policy"]) {
    expect([name, current.headers.get(name)]).toEqual([name, page.headers.get(name)]);
  }
});

test("another file of the console is unknown", async () => {
  for (const name of ["index.html", "index-00000000.js", "..%2fpackage.json"]) {
    const answer = await fetch(`${apiUrl}/console/${name}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, "not_found"]);
  }
});

test("the page and its files are below 150 KB compressed", async () => {
  const sizes = await Promise.all(
    [`${apiUrl}/console`, ...files].map(async (url) => {
      const answer = await fetch(url, { headers: { "accept-encoding": "gzip" }, decompress: false });
      expect(answer.headers.get("content-encoding")).toBe("gzip");
      return (await answer.arrayBuffer()).byteLength;
    }),
  );
  const sum = sizes.reduce((total, size) => total + size, 0);
  expect(sum).toBeGreaterThan(10_000);
  expect(sum).toBeLessThan(COMPRESSED_BYTES_MAX);
});

test("a client without gzip gets the files as they are", async () => {
  const answer = await fetch(files[0]!, { headers: { "accept-encoding": "identity" } });
  expect([answer.status, answer.headers.get("content-encoding")]).toEqual([200, null]);
});
