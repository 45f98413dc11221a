import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";
import { readPassages } from "./passages.ts";
import { type Finding, findBreaches } from "./rules.ts";

/** Text that people read. Recorded histories and generated data are not listed. */
const FILES = [
  "{src,scripts,bench,test}/**/*.{ts,py,toml}",
  "client/src/**/*.ts",
  "console/src/**/*.{ts,tsx}",
  "docs/**/*.md",
  "client/*.md",
  "db/**/*.sql",
  ".github/**/*.{md,yml}",
  "*.md",
  "deploy/{front,compose,kubernetes}/**/*.{yaml,conf,sh}",
  "{Dockerfile,docker-compose.yml,docker-compose.production.yml,dev,biome.json,.editorconfig}",
  ".ci/*",
];

/** Migrations run once and stay as they are: these were written before the rules. */
const LAST_EXEMPT_MIGRATION = "db/migrations/20261101000012";

/** Samples of text that breaks the rules, and generated types. */
const UNCHECKED = ["test/repo/language.test.ts", "test/support/language/rules.ts", "client/src/schema.ts"];

/** The files below the given paths (all where none is given), relative to the repository. */
export function listFiles(paths: readonly string[] = []): string[] {
  const prefixes = paths.map((path) => path.replace(/^\.\/|\/$/g, ""));
  const files = FILES.flatMap((glob) => [...new Bun.Glob(glob).scanSync({ cwd: rootDirectory, dot: true })]);
  return [...new Set(files)]
    .filter((file) => !UNCHECKED.includes(file))
    .filter(
      (file) =>
        !file.startsWith("db/migrations/") || file.slice(0, LAST_EXEMPT_MIGRATION.length) > LAST_EXEMPT_MIGRATION,
    )
    .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => isBelow(file, prefix)))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** Whether `path` is the file itself or a folder above it. */
export function isBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

/** Checks one file for plain English. */
export async function checkFile(file: string): Promise<(Finding & { file: string })[]> {
  const source = await Bun.file(join(rootDirectory, file)).text();
  return findBreaches(readPassages(file, source), source.split("\n")).map((finding) => ({ file, ...finding }));
}

/** Formats a finding for a report. Editors and terminals open its place by a click. */
export function formatFinding({ file, line, rule, text }: Finding & { file: string }): string {
  return `${file}:${line} ${rule}\n    ${text}`;
}

// bun test/support/language/check.ts [--count] [path…]
if (import.meta.main) {
  const paths = process.argv.slice(2).filter((parameter) => parameter !== "--count");
  const findings = (await Promise.all(listFiles(paths).map(checkFile))).flat();
  const counts = new Map<string, number>();
  for (const { file } of findings) {
    const folder = file.split("/").slice(0, -1).slice(0, 2).join("/") || file;
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  if (!process.argv.includes("--count")) for (const finding of findings) console.log(formatFinding(finding));
  for (const [folder, count] of counts) console.log(`${`${count}`.padStart(5)}  ${folder}`);
  console.log(`${`${findings.length}`.padStart(5)}  findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
