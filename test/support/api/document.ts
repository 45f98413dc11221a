import { apiUrl } from "./client.ts";
import { dereference } from "./schemas.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of another standard, looked into here and there
export type Json = any;

/** A route of the served API document, with a request built from its examples. */
export type DocumentedRoute = {
  name: string;
  method: string;
  /** The path with the examples of its parameters and of its query parameters. Most optional ones have none. */
  path: string;
  template: string;
  operation: Json;
  /** Parameters of the path, the query and the headers. */
  parameters: Json[];
  /** The schema and the example of the body; undefined where the route has no body. */
  schema?: Json;
  example?: Json;
  needsToken: boolean;
  /** Each of them is enough. Empty where any valid token is accepted. */
  scopes: string[];
};

/** The served document. */
export const served: Json = await (await fetch(`${apiUrl}/swagger/json`)).json();

/** The served document, with the parts in place of the references to them. */
export const document: Json = dereference(served);

/** Every route of the served document, in its order. */
export const documentedRoutes: DocumentedRoute[] = Object.entries<Json>(document.paths).flatMap(([template, methods]) =>
  Object.entries<Json>(methods).map(([method, operation]) => describe(method.toUpperCase(), template, operation)),
);

function describe(method: string, template: string, operation: Json): DocumentedRoute {
  const parameters: Json[] = operation.parameters ?? [];
  const body = operation.requestBody?.content["application/json"];
  const given: Record<string, string> = Object.fromEntries(parameters.map(({ name, example }) => [name, example]));
  const needed: [string, string][] = parameters
    .filter((one) => one.in === "query" && (one.required || one.example !== undefined))
    .map(({ name, example }) => [name, example]);
  return {
    name: `${method} ${template}`,
    method,
    path: needed.length > 0 ? `${fill(template, given)}?${new URLSearchParams(needed)}` : fill(template, given),
    template,
    operation,
    parameters,
    ...(body && { schema: body.schema, example: body.example }),
    needsToken: operation.security?.length !== 0,
    scopes: (/Scope: (.+)\.$/m.exec(operation.description)?.[1]?.split(" or ") ?? []).map((one) => one.slice(1, -1)),
  };
}

/** Fills the parameters of a path with these values. */
export function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? name);
}

/** Adds a parameter to the query of a path. */
export function ask(path: string, name: string, value: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}${name}=${value}`;
}

/** The problem codes that the document lists for the route. */
export function codesOf({ operation }: DocumentedRoute): string[] {
  return Object.values<Json>(operation.responses).flatMap((response) => response["x-codes"] ?? []);
}
