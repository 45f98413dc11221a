export type RevenueLine = { name: string; total: string };

/** `name;total` on each line; a name in quotes may hold bars, quotes and line breaks. */
export function parseRevenue(csv: string): RevenueLine[] {
  return [...csv.matchAll(/("(?:[^"]|"")*"|[^;\n]*);(-?\d+\.\d\d)\n/g)].map(([, name = "", total = ""]) => ({
    name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
    total,
  }));
}
