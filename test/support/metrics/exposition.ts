/** A sample: its name with sorted labels, and its value. */
export type Exposition = {
  /** The type of each family. */
  types: Map<string, string>;
  /** By name and labels as `name{a="b",c="d"}`, with labels in alphabetical order. */
  samples: Map<string, number>;
};

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HELP = new RegExp(`^# HELP (${NAME}) .+$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gy;

/** Parses the Prometheus text format 0.0.4 strictly. @throws at an invalid line or number, or a duplicate */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  if (!text.endsWith("\n")) throw new Error("The last line has no line feed");
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "" || HELP.test(line)) continue;
    const typed = TYPE.exec(line);
    if (typed) {
      if (types.has(typed[1]!)) throw new Error(`Typed twice: ${line}`);
      types.set(typed[1]!, typed[2]!);
      continue;
    }
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (!name || !types.has(familyOf(name, types))) throw new Error(`Not a sample of a known family: ${line}`);
    const key = sampleKey(name, parseLabels(labels));
    if (samples.has(key)) throw new Error(`Twice: ${line}`);
    samples.set(key, parseNumber(value!));
  }
  return { types, samples };
}

export function sampleKey(name: string, labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(",")}}` : name;
}

/** Samples of a histogram have its name and a suffix. */
function familyOf(name: string, types: Map<string, string>): string {
  const family = name.replace(/_(bucket|sum|count)$/, "");
  return types.get(family) === "histogram" ? family : name;
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)];
  if (pairs.map(([pair]) => pair).join("") !== text) throw new Error(`Invalid labels: ${text}`);
  return Object.fromEntries(pairs.map(([, label, value]) => [label!, value!]));
}

function parseNumber(text: string): number {
  const number = Number({ "+Inf": "Infinity", "-Inf": "-Infinity" }[text] ?? text);
  if (Number.isNaN(number) && text !== "NaN") throw new Error(`Not a number: ${text}`);
  return number;
}
