/** A line of text without its comment marks, and its place in the file. */
export type TextLine = { line: number; text: string };

/** Text that belongs together: a comment, a string literal, a paragraph. */
export type Passage = { kind: "comment" | "testName" | "string" | "prose" | "cell"; lines: TextLine[] };

/** Reads every passage of a file, by the kind of file. */
export function readPassages(path: string, source: string): Passage[] {
  if (path.endsWith(".md")) return readMarkdown(source);
  if (path.endsWith(".sql")) return readLineComments(source, "--");
  if (path.endsWith(".tsx")) return readTypeScript(withoutTagEnds(source), false);
  if (/\.(ts|json|mjs|js)$/.test(path)) return readTypeScript(source, path.startsWith("test/"));
  return [...readLineComments(source, "#"), ...readQuoted(source)];
}

/** Replaces the slashes of JSX tags, which the scan would take for regular expressions. */
function withoutTagEnds(source: string): string {
  return source.replace(/<\/(?=[\w.]*>)|\/>/g, "  ");
}

const REGEX_MAY_FOLLOW = /(^|[=(,:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|do|else|void|yield|await))$/;
const TEST_FUNCTION = /\b(test|describe|it)(\.\w+)*$/;
/** A string with fewer words is a key, a code or a path. */
const PROSE_WORDS_MIN = 3;

/**
 * Finds comments, strings and test names by a scan of the characters.
 *
 * A slash begins a regular expression after an operator, an opening bracket or a keyword, else it divides. So
 * `if (x) /y/.test(z)` is misread: the expression after a closing parenthesis is taken for a division.
 */
function readTypeScript(source: string, isTest: boolean): Passage[] {
  const passages: Passage[] = [];
  /** The code so far without comments and blanks, each string as `""`. It decides how a slash is read. */
  let code = "";
  let line = 1;
  let at = 0;
  let depth = 0;
  /** Templates with an open interpolation, which ends at the given depth of braces. */
  const templates: { depth: number; text: string; line: number; isName: boolean }[] = [];
  /** Offsets in `code` of the open parentheses, and of the pair that closed last. */
  const parentheses: number[] = [];
  let lastClosed = 0;

  const advance = (end: number): string => {
    const text = source.slice(at, end);
    line += text.split("\n").length - 1;
    at = end;
    return text;
  };
  const addCode = (character: string) => {
    if (character === "(") parentheses.push(code.length);
    if (character === ")") lastClosed = parentheses.pop() ?? 0;
    code += character;
  };
  /** Whether a string at this place is the first argument of `test(…)`, `test.each(…)(…)` or `test.each<…>(…)(…)`. */
  const isTestName = (): boolean => {
    if (!code.endsWith("(")) return false;
    const end = beforeTypeArguments(code, code.endsWith(")(") ? lastClosed : code.length - 1);
    return TEST_FUNCTION.test(code.slice(Math.max(0, end - 40), end));
  };
  const addString = (text: string, startLine: number, isName: boolean) => {
    if (isName || (!isTest && isProse(text))) {
      const lines = text.split("\n").map((part, index) => ({ line: startLine + index, text: part }));
      passages.push({ kind: isName ? "testName" : "string", lines });
    }
    code += '""';
  };
  /** Reads a template up to its end or its next interpolation. */
  const readTemplate = (template: { text: string; line: number; isName: boolean }) => {
    let end = at;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end))
      end += source[end] === "\\" ? 2 : 1;
    const text = template.text + advance(end);
    if (source[at] === "$") {
      advance(at + 2);
      templates.push({ ...template, depth, text: `${text}…` });
      addCode("(");
    } else {
      advance(at + 1);
      addString(text, template.line, template.isName);
    }
  };

  while (at < source.length) {
    const character = source[at]!;
    const startLine = line;
    if (source.startsWith("//", at) || (at === 0 && source.startsWith("#!"))) {
      const text = advance(indexOrEnd(source, "\n", at));
      addLineComment(passages, startLine, text.slice(2), isAlone(source, at - text.length));
    } else if (source.startsWith("/*", at)) {
      const lines = advance(indexOrEnd(source, "*/", at + 2) + 2)
        .replace(/^\/\*+|\*+\/$/g, "")
        .split("\n")
        .map((text, index) => ({ line: startLine + index, text: text.replace(/^\s*\* ?/, "") }));
      passages.push({ kind: "comment", lines });
    } else if (character === '"' || character === "'") {
      let end = at + 1;
      while (end < source.length && source[end] !== character && source[end] !== "\n")
        end += source[end] === "\\" ? 2 : 1;
      addString(advance(end + 1).slice(1, -1), startLine, isTestName());
    } else if (character === "`") {
      advance(at + 1);
      readTemplate({ text: "", line: startLine, isName: isTestName() });
    } else if (character === "}" && templates.at(-1)?.depth === depth) {
      advance(at + 1);
      addCode(")");
      readTemplate(templates.pop()!);
    } else if (character === "/" && REGEX_MAY_FOLLOW.test(code.slice(-12))) {
      advance(endOfRegex(source, at));
      code += "/x/";
    } else {
      if (character === "{") depth++;
      if (character === "}") depth--;
      const isBlank = /\s/.test(character);
      // A blank between two words keeps `return x` from becoming one word.
      if (!isBlank) addCode(character);
      else if (/\w$/.test(code) && /\w/.test(source[at + 1] ?? "")) code += " ";
      advance(at + 1);
    }
  }
  return passages;
}

/** Returns the start of the type arguments that end at `end`, else `end`. The head of an arrow closes none. */
function beforeTypeArguments(code: string, end: number): number {
  if (code[end - 1] !== ">") return end;
  let depth = 0;
  for (let at = end - 1; at >= 0; at--) {
    if (code[at] === ">" && code[at - 1] !== "=") depth++;
    else if (code[at] === "<" && --depth === 0) return at;
  }
  return end;
}

function endOfRegex(source: string, start: number): number {
  let isClass = false;
  for (let at = start + 1; at < source.length; at++) {
    const character = source[at];
    if (character === "\n") return at;
    if (character === "\\") at++;
    else if (character === "[") isClass = true;
    else if (character === "]") isClass = false;
    else if (character === "/" && !isClass) return at + 1;
  }
  return source.length;
}

function indexOrEnd(source: string, text: string, from: number): number {
  const index = source.indexOf(text, from);
  return index < 0 ? source.length : index;
}

/** Whether only blanks stand before the place in its line. */
function isAlone(source: string, at: number): boolean {
  return source.slice(source.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}

/** Joins a comment on a line of its own to the comment above it. */
function addLineComment(passages: Passage[], line: number, text: string, isAlone: boolean): void {
  const before = passages.at(-1);
  const last = before?.lines.at(-1);
  if (isAlone && before?.kind === "comment" && last?.line === line - 1) before.lines.push({ line, text });
  else passages.push({ kind: "comment", lines: [{ line, text }] });
}

/** A text is prose unless it starts as an SQL statement or has few words. */
function isProse(text: string): boolean {
  const isQuery = /^\s*(select|insert into|update|delete from|with|create|alter|values|grant|from|order by)\b/.test(
    text,
  );
  return !isQuery && (text.match(/(?<=^|\s)[A-Za-z][a-z']*(?=[\s.,:;]|$)/g) ?? []).length >= PROSE_WORDS_MIN;
}

/** Reads comments on lines of their own. A comment behind code is not found. */
function readLineComments(source: string, mark: string): Passage[] {
  const passages: Passage[] = [];
  for (const [index, text] of source.split("\n").entries()) {
    const trimmed = text.trimStart();
    if (trimmed.startsWith(mark)) addLineComment(passages, index + 1, trimmed.slice(mark.length), true);
  }
  return passages;
}

function readQuoted(source: string): Passage[] {
  return source
    .split("\n")
    .flatMap((text, index) =>
      text.trimStart().startsWith("#")
        ? []
        : [...text.matchAll(/"([^"]*)"/g)]
            .filter(([, quoted]) => isProse(quoted!))
            .map(([, quoted]): Passage => ({ kind: "string", lines: [{ line: index + 1, text: quoted! }] })),
    );
}

/** Reads paragraphs, list items and table cells. Fenced code, headings and comments are left out. */
function readMarkdown(source: string): Passage[] {
  const passages: Passage[] = [];
  let fence: string | undefined;
  let isOpen = false;
  for (const [index, text] of source
    .replace(/<!--[\s\S]*?-->/g, blankLines)
    .split("\n")
    .entries()) {
    const line = index + 1;
    const mark = text.match(/^\s*(```+|~~~+)/)?.[1];
    if (mark || fence !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark?.startsWith(fence)) fence = undefined;
      isOpen = false;
    } else if (/^\s*(#|$|<|\[[^\]]+\]:|([-*_] *){3,}$)/.test(text)) {
      isOpen = false;
    } else if (/^\s*\|/.test(text)) {
      const cells = text.split(/(?<!\\)\|/).filter((cell) => /[a-z]/.test(cell));
      passages.push(...cells.map((cell): Passage => ({ kind: "cell", lines: [{ line, text: withoutMarks(cell) }] })));
      isOpen = false;
    } else {
      const item = /^\s*(>\s*)?([-*+]|\d+\.)\s+|^\s*>\s?/;
      const cleaned = withoutMarks(text.replace(item, ""));
      if (isOpen && !/^\s*([-*+]|\d+\.)\s/.test(text)) passages.at(-1)!.lines.push({ line, text: cleaned });
      else passages.push({ kind: "prose", lines: [{ line, text: cleaned }] });
      isOpen = true;
    }
  }
  return passages;
}

function blankLines(text: string): string {
  return text.replace(/[^\n]/g, "");
}

/** Without emphasis; of a link its text. */
function withoutMarks(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*|__/g, "")
    .replace(/<[^>]+>/g, "");
}
