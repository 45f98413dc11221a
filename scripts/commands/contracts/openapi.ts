import { Elysia } from "elysia";
import { createServer, type ServerDependencies } from "../../../src/api/server.ts";

/** The API document that the application serves. Its routes are built without services: no request reaches one. */
export async function makeApiDocument(): Promise<string> {
  const used = { requireScope: () => new Elysia(), onAnswered: () => {}, stopping: new AbortController().signal };
  const app = createServer(used as unknown as ServerDependencies);
  const response = await app.handle(new Request("http://localhost/swagger/json"));
  if (!response.ok) throw new Error(`The API document is not served: ${await response.text()}`);
  return formatApiDocument((await response.json()) as object);
}

type Document = { paths: Record<string, Record<string, object>> };

/** Sorts the members of a route, so that refactoring the code changes no line. */
export function formatApiDocument(served: object): string {
  const { paths } = structuredClone(served) as Document;
  for (const methods of Object.values(paths)) {
    for (const [method, route] of Object.entries(methods)) {
      methods[method] = Object.fromEntries(Object.entries(route).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }
  }
  return `${JSON.stringify({ ...served, paths }, null, 2)}\n`;
}
