import type { Passage, TextLine } from "./passages.ts";

/** A breach of a rule of plain English. */
export type Finding = { line: number; rule: string; text: string };

/** The first sentence of a comment is read alone, in a list or a tooltip: it must be short enough for a glance. */
const FIRST_SENTENCE_WORDS_MAX = 15;
/** A longer sentence holds a second thought, which reads better by itself. */
const SENTENCE_WORDS_MAX = 25;
const COMMENT_COLUMNS_MAX = 120;
/** A longer name is cut in the reports of most test runners. */
const TEST_NAME_CHARACTERS_MAX = 100;

const PEOPLE =
  "people|persons?|users?|operators?|developers?|engineers?|readers?|reviewers?|maintainers?|buyers?|sellers?|those";

/** Words of private English, and the rule or the term that replaces them. */
const WORDS: { pattern: RegExp; instead: string; kinds?: Passage["kind"][] }[] = [
  { pattern: /\b(whoever|whomever|whosoever)\b/i, instead: "name the code or the caller" },
  {
    pattern: /\b(nobody|no one|somebody|someone|anybody|anyone|everybody|everyone)\b/i,
    instead: "name the code or the caller",
  },
  {
    pattern: new RegExp(`(?<!\\b(${PEOPLE}),? )\\b(who|whom)\\b`, "i"),
    instead: "that, or the name of the code (who is for people)",
  },
  { pattern: /\bwhat(ever)?\b/i, instead: "the noun itself, not a clause that begins with what" },
  {
    pattern: /\b(say|says|said|saying|tell|tells|told|telling|know|knows|knew)\b/i,
    instead: "returns, reports, states, contains, is set by, distinguishes",
    kinds: ["comment", "testName", "string"],
  },
  {
    pattern: /\b(says|said|tells|told|knew) (so|that|us|whether|when|how|which|of|no|nothing)\b/i,
    instead: "returns, reports, states",
    kinds: ["prose", "cell"],
  },
  { pattern: /\b(hears?|heard)\b/i, instead: "receives, detects" },
  { pattern: /\b(obey|obeys|obeyed|obeying)\b/i, instead: "follows, applies" },
  { pattern: /\b(forgives?|forgave|forgiven|forgiving)\b/i, instead: "ignores, tolerates" },
  {
    pattern: /\b(its|their|whose|ledger's|last|final|own) word\b|\b(no|a) word (of|about|from)\b|\bwithout a word\b/i,
    instead: "outcome, result, response",
  },
  { pattern: /\b(im)?patience\b|\b(im)?patient(ly)?\b/i, instead: "timeout, deadline" },
  { pattern: /\bmend(s|ed|ing)?\b/i, instead: "repairs, reconnects, recovers" },
  { pattern: /\bfor ever\b/i, instead: "without limit, permanently" },
  { pattern: /\bfor good\b/i, instead: "permanently" },
  { pattern: /\btroubles?\b/i, instead: "error, failure, infrastructure error" },
  { pattern: /\bwish(es|ed)?\b/i, instead: "signal, request" },
  { pattern: /\bquick chance\b/i, instead: "circuit breaker, timeout" },
  { pattern: /\bbeside\b/i, instead: "concurrently with, next to, external" },
  { pattern: /\bsurely\b/i, instead: "durably, always" },
  { pattern: /(?<!\bthere )\b(is|are|was|were|be) none\b/i, instead: "is invalid, is not one, does not exist" },
  { pattern: /\b(rubbish|strangers?)\b/i, instead: "invalid data, foreign" },
  { pattern: /\b(outlasts?|outlasted)\b/i, instead: "retries until, survives" },
  { pattern: /\b(whence|thence|hitherto|lest|albeit|midst|whither)\b/i, instead: "an everyday word" },
  { pattern: /\b(the|this|our) house\b/i, instead: "the code base, Saldo" },
];

/** Checks the passages of one file, whose lines are given to measure comments. */
export function findBreaches(passages: readonly Passage[], sourceLines: readonly string[]): Finding[] {
  return passages
    .filter((passage) => !isDirective(passage))
    .flatMap((passage) => [
      ...findWords(passage),
      ...findLongSentences(passage),
      ...findLongLines(passage, sourceLines),
      ...findLongName(passage),
    ]);
}

function isDirective({ kind, lines }: Passage): boolean {
  return (
    kind === "comment" &&
    /^\s*(biome-ignore|@ts-|<reference|\/bin\/|\/usr\/bin\/|syntax=|migrate:)/.test(lines[0]!.text)
  );
}

function findWords(passage: Passage): Finding[] {
  return sentencesOf(passage).flatMap(({ line, text }) =>
    WORDS.filter(({ kinds }) => kinds?.includes(passage.kind) ?? true).flatMap(({ pattern, instead }) => {
      const match = withoutCode(text).match(pattern)?.[0];
      const isQuestion = match?.toLowerCase().startsWith("wh") && text.endsWith("?");
      return match && !isQuestion ? [{ line, rule: `"${match}": ${instead}`, text }] : [];
    }),
  );
}

function findLongSentences(passage: Passage): Finding[] {
  if (passage.kind !== "comment" && passage.kind !== "prose") return [];
  return sentencesOf(passage).flatMap(({ line, text }, index) => {
    const isFirst = index === 0 && passage.kind === "comment";
    const max = isFirst ? FIRST_SENTENCE_WORDS_MAX : SENTENCE_WORDS_MAX;
    const words = countWords(text);
    return words > max
      ? [{ line, rule: `${isFirst ? "first sentence" : "sentence"} of ${words} words, at most ${max}`, text }]
      : [];
  });
}

function findLongLines({ kind, lines }: Passage, sourceLines: readonly string[]): Finding[] {
  if (kind !== "comment") return [];
  return lines.flatMap(({ line, text }) => {
    const columns = sourceLines[line - 1]!.length;
    // An address cannot be wrapped.
    const isTooLong = columns > COMMENT_COLUMNS_MAX && !/^\S*:\/\/\S+$/.test(text.trim());
    return isTooLong
      ? [{ line, rule: `comment ends at column ${columns}, at most ${COMMENT_COLUMNS_MAX}`, text: text.trim() }]
      : [];
  });
}

function findLongName({ kind, lines }: Passage): Finding[] {
  const name = lines.map(({ text }) => text).join("\n");
  return kind === "testName" && name.length > TEST_NAME_CHARACTERS_MAX
    ? [
        {
          line: lines[0]!.line,
          rule: `test name of ${name.length} characters, at most ${TEST_NAME_CHARACTERS_MAX}`,
          text: name,
        },
      ]
    : [];
}

/** Splits at full stops, question marks, blank lines, list items and JSDoc tags. */
function sentencesOf({ lines }: Passage): TextLine[] {
  const sentences: TextLine[] = [];
  let open: TextLine | undefined;
  const close = () => {
    if (open?.text.trim()) sentences.push({ ...open, text: open.text.trim() });
    open = undefined;
  };
  for (const { line, text } of lines) {
    if (text.trim() === "" || /^\s*([-*+] |\d+\. |@\w+)/.test(text)) close();
    for (const part of splitLine(text)) {
      open = open ? { ...open, text: `${open.text} ${part.text.trim()}` } : { line, text: part.text };
      if (part.isEnd) close();
    }
  }
  close();
  return sentences;
}

const ABBREVIATION = /\b(e\.g|i\.e|etc|vs|cf|approx|incl|resp|No)\.$/;

function splitLine(text: string): { text: string; isEnd: boolean }[] {
  const parts: { text: string; isEnd: boolean }[] = [];
  let from = 0;
  for (const { index, 0: mark } of text.matchAll(/[.!?]["')`*]*(?=\s|$)/g)) {
    const end = index + mark.length;
    const isEnd = !ABBREVIATION.test(text.slice(from, end)) && /^\s*($|[A-Z0-9"'`*([{@/…])/.test(text.slice(end));
    if (!isEnd) continue;
    parts.push({ text: text.slice(from, end).trim(), isEnd: true });
    from = end;
  }
  const rest = text.slice(from).trim();
  return rest ? [...parts, { text: rest, isEnd: false }] : parts;
}

function withoutCode(text: string): string {
  return text.replace(/`[^`]*`/g, "`code`");
}

function countWords(text: string): number {
  return withoutCode(text)
    .split(/\s+/)
    .filter((word) => /[\p{L}\d]/u.test(word)).length;
}
