import { describe, expect, test } from "bun:test";
import { type RevenueLine, sumUp, writeCsv } from "../../src/ledger/revenueReport.ts";

function csv(...lines: [name: string, totalMinor: bigint][]): string {
  return Buffer.from(writeCsv(lines.map(([name, totalMinor]) => ({ name, totalMinor })))).toString("utf8");
}

describe("the file of a report", () => {
  test("is lines of name;total in the given order, each with a line feed, and nothing else", () => {
    expect(csv(["Ad promotion", 150_000n], ["Продвижение", 1n], ["delivery", 123_456_789_012_345_678n])).toBe(
      "Ad promotion;1500.00\nПродвижение;0.01\ndelivery;1234567890123456.78\n",
    );
  });

  test("is UTF-8 without a byte order mark", () => {
    expect([...writeCsv([{ name: "Я", totalMinor: 0n }])]).toEqual([0xd0, 0xaf, ...Buffer.from(";0.00\n")]);
  });

  test("without lines is empty", () => {
    expect(csv()).toBe("");
  });

  test("amounts have two decimals and are never formulas: negative ones have only their sign in front", () => {
    expect(csv(["a", 0n], ["b", -5n], ["c", -150_000n])).toBe("a;0.00\nb;-0.05\nc;-1500.00\n");
  });

  test.each([
    ["a semicolon", "a;b", '"a;b"'],
    ["a quote", 'the "best"', '"the ""best"""'],
    ["nothing but a quote", '"', '""""'],
    ["a line feed", "a\nb", '"a\nb"'],
    ["a carriage return", "a\rb", '"a\rb"'],
    ["both", "a\r\nb", '"a\r\nb"'],
    ["a comma", "x,=1+1,y", '"x,=1+1,y"'],
    ["a bar", "a|b", '"a|b"'],
    ["a tab", "a\tb", '"a\tb"'],
    ["a vertical tab", "a\vb", '"a\vb"'],
    ["a form feed", "a\fb", '"a\fb"'],
    ["a next line", "a\u0085b", '"a\u0085b"'],
    ["a line separator", "a\u2028b", '"a\u2028b"'],
    ["a paragraph separator", "a\u2029b", '"a\u2029b"'],
  ])("a name with %s is quoted", (_, name, written) => {
    expect(csv([name, 100n])).toBe(`${written};1.00\n`);
  });

  test.each(["a'b", " a ", "a=b", "a-b", "1+1", " 1+1", " a=1", "\u200ba", "😀", "«»"])(
    "the name %p is written unquoted",
    (name) => {
      expect(csv([name, 100n])).toBe(`${name};1.00\n`);
    },
  );

  test.each([
    ["=1+1", "'=1+1"],
    ["+7 495", "'+7 495"],
    ["-5", "'-5"],
    ["-", "'-"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\tx", `"'\tx"`],
    ["\rx", `"'\rx"`],
    ["＝1+1", "'＝1+1"],
    [" =1+1", "' =1+1"],
    ["\t-1", `"'\t-1"`],
    ["\u00a0\u3000@SUM(A1)", "'\u00a0\u3000@SUM(A1)"],
    ["\ufeff=1+1", "'\ufeff=1+1"],
    ["\ufeffAd", "'\ufeffAd"],
    [" \ufeff\u200b\u2060＝1+1", "' \ufeff\u200b\u2060＝1+1"],
    ["=SUM(1,2)", `"'=SUM(1,2)"`],
    ['=HYPERLINK("http://x";"y")', `"'=HYPERLINK(""http://x"";""y"")"`],
  ])("the name %p, which a spreadsheet would take for a formula, is defused", (name, written) => {
    expect(csv([name, -100n])).toBe(`${written};-1.00\n`);
  });
});

test("the total is the sum of the lines", () => {
  const lines: RevenueLine[] = [5n, -7n, 0n, 2n ** 60n].map((totalMinor) => ({ name: "a", totalMinor }));
  expect(sumUp(lines)).toBe(2n ** 60n - 2n);
  expect(sumUp([])).toBe(0n);
});
