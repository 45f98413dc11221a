import { apiUrl } from "./client.ts";

/** Requests a list as CSV, without reading its body. */
export function requestCsv(path: string, token: string, accept = "text/csv", signal?: AbortSignal): Promise<Response> {
  const headers = { accept, authorization: `Bearer ${token}` };
  return fetch(`${apiUrl}${path}`, { headers, ...(signal && { signal }) });
}

/** Reads CSV with semicolons and RFC 4180 quotes as objects. The first row has their names. */
export function readCsv(csv: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^;\n"]*))(;|\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\n") rows.push([]);
  }
  const [names, ...values] = rows.slice(0, -1);
  return values.map((row) => Object.fromEntries(names!.map((name, index) => [name, row[index]!])));
}
