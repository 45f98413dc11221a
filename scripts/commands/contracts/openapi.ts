import { Elysia } from "elysia";
import { createServer, type ServerDependencies } from "../../../src/api/server.ts";

/** The width of a line of the committed document. Short lines would make it a quarter larger than it is served. */
const WIDTH = 400;

/** The API document that the application serves. Its routes are built without services: no request reaches one. */
export async function makeApiDocument(): Promise<string> {
  const used = {
    requireScope: () => new Elysia(),
    onAnswered: () => {},
    currency: "RUB",
    stopping: new AbortController().signal,
    log: console,
  };
  const app = createServer(used as unknown as ServerDependencies);
  const response = await app.handle(new Request("http://localhost/swagger/json"));
  if (!response.ok) throw new Error(`The API document is not served: ${await response.text()}`);
  return formatApiDocument((await response.json()) as object);
}

type Document = { paths: Record<string, Record<string, object>> };

/** Sorts the members of a route, so that refactoring the code changes no line. A value that fits stands on one line. */
export function formatApiDocument(served: object): string {
  const { paths } = structuredClone(served) as Document;
  for (const methods of Object.values(paths)) {
    for (const [method, route] of Object.entries(methods)) {
      methods[method] = Object.fromEntries(Object.entries(route).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }
  }
  return `${format({ ...served, paths }, "")}\n`;
}

function format(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= WIDTH) return line;
  const inner = `${indent} `;
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + format(one, inner)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${format(one, inner)}`);
  return `{\n${members.join(",\n")}\n${indent}}`;
}
