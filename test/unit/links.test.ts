import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { markdownFiles, pages, readPage } from "../support/api/pages.ts";

type Link = { path: string; target: string };

/** A page without its code: brackets there are no links. */
function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "code");
}

/** The relative links and images of a page. */
function linksOf(path: string, page: string): Link[] {
  const found = [
    ...withoutCode(page).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(\S+)|(?:src|href)="([^"]+)"/gm),
  ];
  const targets = found.map(([, inline, reference, attribute]) => inline ?? reference ?? attribute ?? "");
  return targets.filter((target) => !/^(https?:|mailto:)/.test(target)).map((target) => ({ path, target }));
}

/** The file that a link opens, and the anchor in it. */
function resolveLink({ path, target }: Link): { file: string; anchor: string } {
  const [relative = "", anchor = ""] = target.split("#");
  return { file: relative === "" ? path : normalize(join(dirname(path), relative)), anchor };
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...page.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, heading]) => {
      const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
}

const links = [...markdownFiles].flatMap(([path, page]) => linksOf(path, page));

test("every relative link opens a file of the repository", () => {
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter((link) => {
    const { file } = resolveLink(link);
    return file.startsWith("..") || !existsSync(join(rootDirectory, file));
  });
  expect(broken).toEqual([]);
});

test("every anchor of a link is a heading of the page that it opens", () => {
  const anchored = links.map((link) => ({ ...link, ...resolveLink(link) })).filter(({ anchor }) => anchor !== "");
  expect(anchored.length).toBeGreaterThan(10);
  expect(anchored.filter(({ file, anchor }) => !anchorsOf(markdownFiles.get(file) ?? "").has(anchor))).toEqual([]);
});

test("every path of the repository that a page names in code exists", () => {
  const named = [...pages].flatMap(([path, page]) =>
    [...page.matchAll(/`((?:src|test|scripts|bench|db|docs)\/[\w./-]+)`/g)].map(([, file]) => ({ path, file: file! })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ file }) => !existsSync(join(rootDirectory, file)))).toEqual([]);
});

test("every page is reached from the README by links", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    for (const link of linksOf(path, pages.get(path) ?? "")) {
      const { file } = resolveLink(link);
      if (pages.has(file)) reached.add(file);
    }
  }
  expect([...pages.keys()].filter((path) => !reached.has(path))).toEqual([]);
});

const GLOSSARY = "docs/reference/glossary.md";
/** Written by commands. */
const GENERATED = ["docs/chaos.md", "docs/bench/summary.md"];
/** Words of the glossary that have no everyday meaning in this domain, or another one. */
const TERMS = ["carrier", "group commit", "minor unit", "outbox", "posting", "saga", "sweep"];

test.each(TERMS)("the glossary explains the word %s", (term) => {
  expect(readPage(GLOSSARY)).toContain(`\n| ${term} |`);
});

test("a page links the glossary no later than at its first use of a word that needs it", () => {
  const term = new RegExp(`\\b(${TERMS.join("|")})s?\\b`, "i");
  const late = [...pages].flatMap(([path, page]) => {
    if (path === GLOSSARY || GENERATED.includes(path)) return [];
    // Words in italics are mentioned next to the link.
    const prose = withoutCode(page)
      .replace(/^#.*$/gm, "")
      .replace(/\*\w+\*/g, "word");
    // The text of any other link may be the title of a page.
    const text = prose.replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_link, _text, target: string) =>
      resolveLink({ path, target }).file === GLOSSARY ? "GLOSSARY" : "link",
    );
    const [before] = text.split("GLOSSARY") as [string];
    const used = term.exec(before)?.[0];
    return used === undefined ? [] : [`${path}: ${used}`];
  });
  expect(late).toEqual([]);
});
