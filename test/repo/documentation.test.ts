import { expect, test } from "bun:test";
import { isRetryable, PROBLEMS, type ProblemCode } from "../../src/api/http/problems.ts";
import { expectedClosing, totalOf, writeBalances } from "../../src/ledger/balancesReport.ts";
import { ORDERS_HEADER, writeOrders } from "../../src/ledger/ordersReport.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { writeCsv } from "../../src/ledger/revenueReport.ts";
import { pages, readFences, readPage } from "../support/api/pages.ts";
import { toMessage } from "../support/kafka/message.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";

const config = await Bun.file(new URL("../../src/config/variables.ts", import.meta.url)).text();
const cli = await Bun.file(new URL("../../scripts/dev.ts", import.meta.url)).text();

/** Their `ts` blocks are executed by test/e2e/documentedPrograms.test.ts. */
const PAGES_WITH_PROGRAMS = ["docs/guides/consume-events.md", "docs/guides/purchase.md"];
/** Their blocks are executed by test/operating/restore.test.ts and test/integration/migrationLocks.test.ts. */
const PAGES_WITH_STEPS = ["docs/operating/backup.md", "docs/operating/upgrade.md"];
const EVENTS_PAGE = "docs/reference/events.md";
/** Written by `./dev bench`. */
const BENCH_SUMMARY = "docs/bench/summary.md";

test("the table of errors is the closed list of codes, in its order", () => {
  const rows = [
    ...readPage("docs/reference/errors.md").matchAll(/^\| (\d{3}) \| `([a-z_]+)` \| (yes|no) \| (.+) \|$/gm),
  ].map(([, status, code, retryable, title]) => [code, { status: Number(status), title }, retryable]);
  const expected = Object.entries(PROBLEMS).map(([code, problem]) => [
    code,
    problem,
    isRetryable(code as ProblemCode) ? "yes" : "no",
  ]);
  expect(rows).toEqual(expected);
});

test("the page about configuration names every variable, and no other", () => {
  const page = readPage("docs/operating/configure.md");
  const documented = [...page.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  const read = [...config.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(read));
});

test("the README has at most 250 lines", () => {
  expect(readPage("README.md").split("\n").length).toBeLessThanOrEqual(250);
});

test("every page begins with one sentence of at most 15 words", () => {
  const openings = [...pages]
    .filter(([path]) => path !== BENCH_SUMMARY)
    .map(([path, page]) => [path, /^# .+\n\n((?:.+\n)+)/.exec(page)?.[1]?.trim() ?? ""] as const);
  const plain = (text: string) => text.replace(/`[^`]*`/g, "code").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const isSentence = (text: string) => /^[^#|>-][^.?!]*\.$/.test(plain(text));
  expect(openings.filter(([, text]) => !isSentence(text) || text.split(/\s+/).length > 15)).toEqual([]);
});

test("every fenced block is a command, a request with its answer, a program, the event, a step, or text", () => {
  const others = [...pages].flatMap(([path, page]) =>
    readFences(page).flatMap(({ language, text }, index, fences) => {
      const isAnswer = ["json", "csv"].includes(language) && fences[index - 1]?.text.includes("curl") === true;
      const isEvent = language === "json" && path === EVENTS_PAGE;
      const isCommand = language === "sh" && /^(curl |\.\/dev |export TOKEN=\$\(\.\/dev token\)\n$)/.test(text);
      const isStep = ["sh", "sql"].includes(language) && PAGES_WITH_STEPS.includes(path);
      const isText = ["text", ""].includes(language) && !text.includes("curl");
      const isProgram = language === "ts" && PAGES_WITH_PROGRAMS.includes(path);
      return isAnswer || isEvent || isCommand || isProgram || isStep || isText ? [] : [[path, language, text]];
    }),
  );
  expect(others).toEqual([]);
});

test("every ./dev command on a page exists, with its options", () => {
  const usage = cli.slice(cli.indexOf("const usage"), cli.indexOf("class UsageError"));
  const commands = new Set([...usage.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name));
  const used = [...pages].flatMap(([path, page]) =>
    [...page.matchAll(/\.\/dev ([a-z]+)([^`\n)#]*)/g)].map(([, command, rest]) => ({ path, command, rest: rest! })),
  );
  expect(used.length).toBeGreaterThan(20);
  const unknown = used.filter(
    ({ command, rest }) =>
      !commands.has(command) || [...rest.matchAll(/--[a-z]+/g)].some(([option]) => !usage.includes(option)),
  );
  expect(unknown).toEqual([]);
});

test("the event that is shown is the event of that entry, to the byte", () => {
  const [event] = readFences(readPage(EVENTS_PAGE)).map(({ text }) => JSON.parse(text));
  const entry = {
    operationId: "d1916c35-38cd-8b07-94ac-9b8f9d2fff73",
    workflowId: "carrier-01a20847-6696-7676-9d6b-5829ff69cc5f",
    userId: "maria",
    counterpartyUserId: null,
    kind: "deposit",
    amountMinor: 100_000n,
    availableDeltaMinor: 100_000n,
    reservedDeltaMinor: 0n,
    availableAfterMinor: 100_000n,
    reservedAfterMinor: 0n,
    version: 1,
    orderId: null,
    serviceId: null,
    reservationId: null,
    ...NO_TEXTS,
    source: "visa",
    comment: "Top-up by card",
    createdAt: new Date("2026-11-23T12:00:26.795Z"),
  } as StoredEntry;
  expect(JSON.stringify(event)).toBe(toMessage(entry).value);
});

test("the lines of a report that are shown are those of these services", () => {
  const [, file, orders, balances] = readFences(readPage("docs/guides/months-end.md"));
  const lines = [
    { name: "Ad promotion", totalMinor: 152_000n },
    { name: 'Delivery; "express"', totalMinor: -2_000n },
  ];
  expect(file?.text).toBe(Buffer.from(writeCsv(lines)).toString());
  expect(orders?.text).toStartWith(ORDERS_HEADER);
  const shown = orders!.text.split("\n").slice(1, -1);
  const services = shown.map((line, index) => {
    const { name } = lines[index]!;
    const [serviceId] = line.split(";") as [string];
    return { serviceId, name, rest: `${line.split(";").slice(-5).join(";")}\n` };
  });
  expect(orders?.text).toBe(ORDERS_HEADER + Buffer.from(writeOrders(services)).toString());
  const [, opening, openingReserved, depositsMinor, withdrawalsMinor, revenueMinor, refundsMinor, ...closing] =
    balances!.text
      .split("\n")[1]!
      .split(";")
      .map((cell) => BigInt(cell.replaceAll(/[.-]/g, ""))) as bigint[];
  const [availableMinor, reservedMinor] = closing as [bigint, bigint];
  const report = {
    opening: { availableMinor: opening!, reservedMinor: openingReserved! },
    ...{ depositsMinor: depositsMinor!, withdrawalsMinor: withdrawalsMinor! },
    ...{ revenueMinor: revenueMinor!, refundsMinor: refundsMinor! },
    closing: { availableMinor, reservedMinor },
  };
  expect(balances?.text).toBe(Buffer.from(writeBalances("2026-10", report)).toString());
  expect(expectedClosing(report)).toBe(totalOf(report.closing));
});
