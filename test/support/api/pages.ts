import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";
import { deriveBatchId, deriveOperationId } from "../../../src/ledger/operationId.ts";
import { runningMonth } from "./reports.ts";

/** The pages of the documentation, by path. */
export const pages: ReadonlyMap<string, string> = await readPages(["README.md", "docs/**/*.md"]);

/** All Markdown files for readers, by path. */
export const markdownFiles: ReadonlyMap<string, string> = await readPages([
  ...["*.md", "docs/**/*.md", "client/*.md", ".github/**/*.md"],
]);

/** The text of one page. */
export function readPage(path: string): string {
  const page = pages.get(path);
  if (page === undefined) throw new Error(`There is no page ${path}`);
  return page;
}

async function readPages(patterns: string[]): Promise<Map<string, string>> {
  const scan = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: rootDirectory, dot: true })];
  const paths = patterns.flatMap(scan).toSorted();
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await Bun.file(join(rootDirectory, path)).text()] as [string, string]),
    ),
  );
}

/** A request of a page, and the answer below it. */
export type Example = { heading: string; command: string; answer: unknown };

/** A fenced block. */
export type Fence = { heading: string; language: string; text: string };

const BLOCK = /^(?<heading>#+ .*)$|^```(?<language>\S*)\n(?<text>[\s\S]*?)^```$/gm;

/** The fenced blocks of a page, in order. */
export function readFences(page: string): Fence[] {
  const fences: Fence[] = [];
  let heading = "";
  for (const { groups } of page.matchAll(BLOCK)) {
    heading = groups?.heading ?? heading;
    if (groups?.text !== undefined) fences.push({ heading, language: groups.language!, text: groups.text });
  }
  return fences;
}

/** Reads every `sh` block with a curl command, and the answer below it. */
export function readExamples(page: string): Example[] {
  const fences = readFences(page);
  return fences.flatMap(({ heading, language, text: command }, index) => {
    if (language !== "sh" || !command.includes("curl")) return [];
    const next = fences[index + 1];
    if (next?.language === "csv") return [{ heading, command, answer: next.text }];
    if (next?.language !== "json") throw new Error(`No json or csv block follows the example: ${command}`);
    return [{ heading, command, answer: JSON.parse(next.text) }];
  });
}

/** The same text with unused users and keys, and with the last finished month. */
export function withFreshNames(text: string, suffix: string): string {
  return text
    .replace(/(month=|\/(?:revenue|balances)\/|"month": ?")\d{4}-\d\d/g, `$1${lastMonth()}`)
    .replace(/("(?:userId|fromUserId|toUserId)": ?"[^"]+)"/g, `$1-${suffix}"`)
    .replace(/([?&]userId=[^&"]+)/g, `$1-${suffix}`)
    .replace(/(\/users\/[^/"]+)/g, `$1-${suffix}`)
    .replace(/(Idempotency-Key: [^"]+|"idempotencyKey": ?"[^"]+)"/g, `$1-${suffix}"`);
}

/**
 * Maps the ids of the examples' keys to those of the fresh keys. Later examples refer to the ids of earlier ones. A
 * batch has an id of its own.
 */
export function freshIds(examples: readonly Example[], caller: string, suffix: string): Map<string, string> {
  const pairs = examples.flatMap(({ command }) => {
    const keys = [...command.matchAll(/(?:Idempotency-Key: |"idempotencyKey": ?")([^"]+)"/g)].map(([, key]) => key!);
    const ids = keys.map((key) => deriveOperationId(caller, key));
    const fresh = keys.map((key) => deriveOperationId(caller, `${key}-${suffix}`));
    return [
      ...ids.map((id, index) => [id, fresh[index]!] as const),
      [deriveBatchId(ids), deriveBatchId(fresh)] as const,
    ];
  });
  return new Map(pairs);
}

/** Every object with an operation id in the answers, in order. */
export function operationsIn(examples: readonly Example[]): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  JSON.stringify(examples, (_, value) => {
    if (value?.operationId) found.push(value);
    return value;
  });
  return found;
}

function lastMonth(): string {
  const [year, month] = runningMonth().split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 2)).toISOString().slice(0, 7);
}

/**
 * Replaces all values that differ between runs: times, revenue, audit counts, links, ports and carriers. The carrier of
 * an operation depends on the requests just before it.
 */
export function maskVariableParts(answer: unknown): unknown {
  const text = JSON.stringify(answer)
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replace(/expires=\d+&signature=[\w-]{43}/g, "expires=SECONDS&signature=SIGNATURE")
    .replace(/"(opening|closing)":\{[^}]*\}/g, '"$1":"OWED"')
    .replace(/"(total|deposits|withdrawals|revenue|refunds)":"-?\d+\.\d\d"/g, '"$1":"AMOUNT"')
    .replace(/"auditId":"[0-9a-f-]{36}"/g, '"auditId":"RUN"')
    .replace(/"(checked|offsets)":\{[^}]*\}/g, '"$1":"COUNTS"')
    .replace(/"sha256":"[0-9a-f]{64}"/g, '"sha256":"HASH"')
    .replace(/\b(?:carrier|reservation)-[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[0-9a-f-]{17}/g, "CARRIER")
    .replace(/"nextCursor":(?:null|"[^"]*")/g, '"nextCursor":"CURSOR"')
    .replace(/http:\/\/localhost:\d+/g, "http://localhost:PORT");
  return JSON.parse(text);
}
