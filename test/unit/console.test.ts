import { describe, expect, test } from "bun:test";
import ts from "typescript5";
import { addAmounts, fromMinor, readAmount, toMinor } from "../../console/src/amounts.ts";
import { parseRevenue } from "../../console/src/revenue.ts";
import { parseToken } from "../../console/src/token.ts";
import { writeCsv } from "../../src/ledger/revenueReport.ts";

const tokenOf = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbmF0dXJl`;

describe("the token of a session", () => {
  test("its caller and scopes are read from all forms of the claims", () => {
    const expected = { caller: "Ольга", scopes: new Set(["audit", "balance:read"]) };
    expect(parseToken(tokenOf({ sub: "Ольга", scope: "audit balance:read" }))).toMatchObject(expected);
    expect(parseToken(` Bearer ${tokenOf({ sub: "Ольга", scp: ["audit", "balance:read"] })}\n`)).toMatchObject(
      expected,
    );
    expect(parseToken(tokenOf({ sub: "Ольга", scope: ["audit"], scp: "balance:read" }))).toMatchObject(expected);
  });

  test.each(["", "a.b.c", "a.b", tokenOf({ scope: "audit" }), `${tokenOf({ sub: "a" })}.x`])(
    "%p is no token",
    (text) => {
      expect(parseToken(text)).toBeUndefined();
    },
  );
});

describe("amounts", () => {
  test.each([
    ["12", "12.00"],
    [" 1 234,5 ", "1234.50"],
    ["0.01", "0.01"],
  ])("%p is typed for %p", (typed, amount) => {
    expect(readAmount(typed)).toBe(amount);
  });

  test.each(["", "1.234", "-1", "1e3", "1,234,5", "01", "12345678901234"])("%p is no amount", (typed) => {
    expect(readAmount(typed)).toBeUndefined();
  });

  test("sums are exact beyond the integers of a number", () => {
    expect(addAmounts("90000000000000000.01", "0.02", "-1")).toBe("89999999999999999.03");
    expect(fromMinor(toMinor("-0.05"))).toBe("-0.05");
  });
});

test("the lines of a revenue report are read back as they were written", () => {
  const lines = [
    { name: 'Delivery; "express"', totalMinor: -2_000n },
    { name: "Ad promotion", totalMinor: 152_000n },
    { name: "=SUM(A1)", totalMinor: 0n },
  ];
  expect(parseRevenue(Buffer.from(writeCsv(lines)).toString())).toEqual([
    { name: 'Delivery; "express"', total: "-20.00" },
    { name: "Ad promotion", total: "1520.00" },
    { name: "'=SUM(A1)", total: "0.00" },
  ]);
  expect(parseRevenue("")).toEqual([]);
});

describe("the texts of the page", () => {
  const files = [...new Bun.Glob("console/src/*.tsx").scanSync()];
  const SHOWN_ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "label"];

  test.each(files)("%s has no text of its own: all of them are in texts.ts", async (file) => {
    const source = ts.createSourceFile(
      file,
      await Bun.file(file).text(),
      ts.ScriptTarget.Latest,
      true,
      ts.ScriptKind.TSX,
    );
    const texts: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) texts.push(node.text.trim());
      if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
        if (SHOWN_ATTRIBUTES.includes(node.name.getText())) texts.push(node.initializer.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    // The name of the hash is the same in all languages.
    expect(texts.filter((text) => text !== "SHA-256")).toEqual([]);
  });

  test("every field of an operation in the API document has a row in its view", async () => {
    const view = await Bun.file("console/src/operationFields.tsx").text();
    const { components } = await Bun.file("docs/reference/openapi.json").json();
    // In the heading, a link, or rows of their own.
    const elsewhere = new Set(["kind", "status", "code", "currency", "links", "metadata"]);
    const missing = fieldsOf(components.schemas, "Operation").filter((name) => !view.includes(`["${name}", `));
    expect(new Set(missing)).toEqual(elsewhere);
  });

  test("the check finds texts in the files", () => {
    expect(files.length).toBeGreaterThan(20);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a schema of any shape
type Schema = any;

/** The names of all properties of a schema and its variants. */
function fieldsOf(schemas: Record<string, Schema>, name: string): string[] {
  const collect = (schema: Schema): string[] => [
    ...Object.keys(schema.properties ?? {}),
    ...[...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(collect),
    ...(schema.$ref ? collect(schemas[schema.$ref.split("/").at(-1)]) : []),
  ];
  return [...new Set(collect(schemas[name]))];
}
