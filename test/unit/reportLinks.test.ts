import { describe, expect, test } from "bun:test";
import { createCursors } from "../../src/api/paging/cursors.ts";
import { createReportLinks } from "../../src/api/reports/links.ts";

const options = { signingKey: "k".repeat(32), publicUrl: "https://saldo.example/api", ttlSeconds: 3600 };
const nowMs = Date.parse("2026-11-01T00:00:00.000Z");
const { create, open } = createReportLinks(options);

function parse(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, signed: Object.fromEntries(searchParams) };
}
const { origin, pathname, signed } = parse(create({ report: "revenue", month: "2026-10" }, nowMs));
const { expires, signature } = signed as { expires: string; signature: string };

/** The error code of opening the link, or its report and month where it opens. */
function opened(file: string, given: { expires?: string; signature?: string }, atMs = nowMs, links = { open }): string {
  try {
    const { report, month } = links.open(file, given, atMs);
    return `${report} ${month}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a link to a report's file", () => {
  test("is absolute, from the public address, and states its expiry", () => {
    expect([origin, pathname]).toEqual(["https://saldo.example", "/api/v1/reports/revenue/2026-10.csv"]);
    expect(Number(expires)).toBe(nowMs / 1_000 + 3600);
  });

  test.each([
    ["orders", "revenue/2026-10-orders.csv"],
    ["balances", "balances/2026-10.csv"],
  ] as const)("of %s has a path of its own, and opens as that", (report, path) => {
    const other = parse(create({ report, month: "2026-10" }, nowMs));
    expect(other.pathname).toBe(`/api/v1/reports/${path}`);
    expect(opened(path, other.signed)).toBe(`${report} 2026-10`);
    expect(opened("revenue/2026-10.csv", other.signed)).toBe("link_invalid");
  });

  test("opens on every replica with the same key, until it expires", () => {
    const other = createReportLinks({ ...options, publicUrl: "https://other.example", ttlSeconds: 1 });
    expect(opened("revenue/2026-10.csv", signed, nowMs, other)).toBe("revenue 2026-10");
    expect(opened("revenue/2026-10.csv", signed, nowMs + 3_599_999)).toBe("revenue 2026-10");
    expect(opened("revenue/2026-10.csv", signed, nowMs + 3_600_000)).toBe("link_expired");
  });

  test.each([
    ...["revenue/2026-11.csv", "revenue/2026-10", "revenue/2026-10.csv.csv", "revenue/2026-10.CSV", "", "..csv"],
    ...["revenue/2026-10-orders.csv", "balances/2026-10.csv", "2026-10.csv"],
  ])("as a link to %p is invalid", (file) => {
    expect(opened(file, signed)).toBe("link_invalid");
  });

  test("with another expiry, none, or another form of the same expiry is invalid", () => {
    const later = `${Number(expires) + 1}`;
    for (const other of [
      later,
      undefined,
      "",
      `0${expires}`,
      `${expires}.0`,
      `+${expires}`,
      ` ${expires}`,
      "Infinity",
    ]) {
      expect([
        other,
        opened("revenue/2026-10.csv", { signature, ...(other !== undefined && { expires: other }) }),
      ]).toEqual([other, "link_invalid"]);
    }
  });

  test("with another signature or none is invalid, also after its expiry", () => {
    const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
    for (const other of [
      flipped,
      "",
      undefined,
      `${signature}=`,
      signature.slice(1),
      signature.toLowerCase(),
      "é".repeat(43),
    ]) {
      const given = { expires, ...(other !== undefined && { signature: other }) };
      expect([other, opened("revenue/2026-10.csv", given)]).toEqual([other, "link_invalid"]);
      expect(opened("revenue/2026-10.csv", given, nowMs + 7_200_000)).toBe("link_invalid");
    }
  });

  test("with another key is invalid", () => {
    const others = createReportLinks({ ...options, signingKey: "l".repeat(32) });
    expect(opened("revenue/2026-10.csv", signed, nowMs, others)).toBe("link_invalid");
  });

  test("does not open with a signature that the same key made for a cursor", () => {
    const cursor = createCursors(options.signingKey).encode("revenue/2026-10.csv", expires);
    expect(opened("revenue/2026-10.csv", { expires, signature: cursor.split(".")[1]! })).toBe("link_invalid");
  });
});
