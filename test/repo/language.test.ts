import { expect, test } from "bun:test";
import { checkFile, formatFinding, listFiles } from "../support/language/check.ts";
import { readPassages } from "../support/language/passages.ts";
import { findBreaches } from "../support/language/rules.ts";

/** Rules that a file breaks, each with its text. */
const breachesOf = (path: string, source: string) =>
  findBreaches(readPassages(path, source), source.split("\n")).map(({ line, rule }) => `${line} ${rule}`);
const inCode = (source: string) => breachesOf("src/sample.ts", source);

test("comments, test names, messages and docs are plain technical English", async () => {
  const findings = (await Promise.all(listFiles().map(checkFile))).flat();
  expect(findings.map(formatFinding).join("\n")).toBe("");
});

test.each([
  "Whoever asks twice has waited long enough.",
  "Retried until nobody waits.",
  "Ends with someone else's key.",
  "Who waits for a lock waits here.",
  "The process who holds the lock.",
  "Its word is final.",
  "The deadline of the caller's patience.",
  "Reconnects once the server mends itself.",
  "Kept for ever.",
  "Consumers hear of it from Kafka.",
  "Signals that the saga obeys.",
  "PostgreSQL forgives trailing blanks.",
  "Where the clock says so.",
  "The store knows its size.",
  "What is under way continues elsewhere.",
  "Returns what the ledger holds.",
  "Retried whatever happens.",
  "A payload that is none.",
  "Publishes beside the saga.",
  "Infrastructure trouble.",
])("a comment is refused: %s", (sentence) => {
  expect(inCode(`// ${sentence}`)).toHaveLength(1);
});

test.each([
  "Retries every second until connected.",
  "For users who hold a balance, whose currency is fixed.",
  "What breaks otherwise?",
  "Mandatory fields of a hearing-aid order.",
  "Returns the known versions, where there is none an empty list.",
  "Forever is not a deadline.",
  "Runs `whoever --nobody what`.",
])("a comment is accepted: %s", (sentence) => {
  expect(inCode(`// ${sentence}`)).toEqual([]);
});

test("the first sentence of a comment has at most 15 words, every other at most 25", () => {
  const words = (count: number) => `${"Word ".repeat(count).trim()}.`;
  expect(inCode(`/** ${words(15)}\n * ${words(20)}\n */`)).toEqual([]);
  expect(inCode(`/** ${words(16)} */`)).toEqual(["1 first sentence of 16 words, at most 15"]);
  expect(inCode(`/**\n * ${words(3)}\n *\n * ${words(20)}\n * ${"Word ".repeat(6)}\n * ${words(20)}\n */`)).toEqual([
    "5 sentence of 26 words, at most 25",
  ]);
  expect(inCode(`// Fine.\n// ${"word ".repeat(13)}\n// ${words(13)}`)).toEqual(["2 sentence of 26 words, at most 25"]);
  expect(breachesOf("docs/sample.md", `${words(25)}\n${"word ".repeat(13)}\n${words(13)}`)).toEqual([
    "2 sentence of 26 words, at most 25",
  ]);
});

test("a sentence ends at a list item, a tag or a blank line, but not at an abbreviation, a version or a file name", () => {
  const fourteen = "word ".repeat(14).trim();
  expect(inCode(`/**\n * ${fourteen}\n *\n * ${fourteen}\n * @returns ${fourteen}\n */`)).toEqual([]);
  expect(breachesOf("docs/sample.md", `* ${fourteen}\n* ${fourteen}\n\n1. ${fourteen}\n2. ${fourteen}`)).toEqual([]);
  expect(breachesOf("docs/sample.md", `The ${fourteen}. *word* ${fourteen}. `.concat("`code` ", fourteen))).toEqual([]);
  expect(breachesOf("docs/sample.md", `See e.g. Version 1.2 of x.ts: ${fourteen} ${fourteen}`)).toHaveLength(1);
});

test("a comment ends at column 120, unless it is an address", () => {
  const wide = `${" ".repeat(109)}// Ends here`;
  expect(inCode(wide.slice(0, 120))).toEqual([]);
  expect(inCode(wide)).toEqual(["1 comment ends at column 121, at most 120"]);
  expect(inCode(`// https://example.com/${"a".repeat(120)}`)).toEqual([]);
  expect(breachesOf("dev", `# ${"a".repeat(119)}`)).toEqual(["1 comment ends at column 121, at most 120"]);
});

test("a test name has at most 100 characters and follows the word list", () => {
  const inTest = (source: string) => breachesOf("test/unit/sample.test.ts", source);
  expect(inTest(`test("${"a".repeat(100)}", () => {});`)).toEqual([]);
  expect(inTest(`test("${"a".repeat(101)}", () => {});`)).toEqual(["1 test name of 101 characters, at most 100"]);
  expect(inTest(`test.each([1, 2])(\`nobody \${who} reads\`, () => {});`)).toHaveLength(1);
  expect(inTest(`test.each(\n  list.map(({ id }) => [id]),\n)("nobody reads", () => {});`)).toHaveLength(1);
  expect(inTest(`test.each<Outage>(["stopped"])("nobody reads", () => {});`)).toHaveLength(1);
  expect(inTest(`describe.each<[string, (one: List<A>) => B]>([\n  ["a", b],\n])("nobody reads", f);`)).toHaveLength(1);
  expect(inTest(`expect(text).toBe("nobody reads this");`)).toEqual([]);
});

test("messages in code follow the word list; keys, paths and queries are not prose", () => {
  expect(inCode(`log.warn("Nobody reads this log");`)).toHaveLength(1);
  expect(inCode(`throw new Error(\`no \${one} says that\`);`)).toHaveLength(1);
  expect(inCode(`const key = "whoever"; const text = sql\`select who from nobody where what = 1\`;`)).toEqual([]);
});

test("the scan finds comments behind strings, templates and regular expressions, and none inside them", () => {
  const nobody = "// nobody";
  expect(inCode(`const a = "x // nobody"; ${nobody}`)).toHaveLength(1);
  expect(inCode(`const a = \`\${\`}\${{ b: "}" }}\`} // nobody\`; ${nobody}`)).toHaveLength(1);
  expect(inCode(`const a = /["'\`/[/"]\\//g; ${nobody}`)).toHaveLength(1);
  expect(inCode(`const a = b / 2; const c = "/"; ${nobody}`)).toHaveLength(1);
  expect(inCode(`return /"/.test(a); ${nobody}`)).toHaveLength(1);
  expect(inCode(`const a = 'it\\'s "fine"'; /* nobody */ const b = 1; ${nobody}`)).toHaveLength(2);
});

test("docs are read without code, headings and tables' lengths; their links count by their text", () => {
  const inDocs = (source: string) => breachesOf("docs/sample.md", source);
  expect(
    inDocs("# What it is\n\n```\nnobody\n```\n\n    <!-- nobody -->\n\n`nobody` [reads](https://nobody.example/who)."),
  ).toEqual([]);
  expect(inDocs("| term | meaning |\n|---|---|\n| a | whoever reads |")).toEqual([
    '3 "whoever": name the code or the caller',
  ]);
  expect(inDocs("> * **Nobody** reads.")).toHaveLength(1);
  expect(inDocs("Operators know who they are; the table says which.")).toHaveLength(2);
});

test("scripts and SQL are read by their comments; migrations that were published before the rules are left alone", () => {
  expect(breachesOf("dev", `#!/bin/sh\n# Nobody reads.\nsay "Nobody reads this" # nobody`)).toHaveLength(2);
  expect(breachesOf("db/init.sql", "-- Nobody reads.\nselect 1;")).toHaveLength(1);
  const migrations = listFiles(["db/migrations"]);
  expect(migrations.filter((file) => file < "db/migrations/20261101000013")).toEqual([]);
  expect(listFiles()).toContain("src/main.ts");
});
