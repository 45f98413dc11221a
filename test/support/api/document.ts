import { apiUrl } from "./client.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of another standard, looked into here and there
export type Json = any;

/** A route as the served document tells of it, with the request that its examples make. */
export type DocumentedRoute = {
  name: string;
  method: string;
  /** As it is sent: the examples in place of the parameters, and those of the query that it needs. */
  path: string;
  template: string;
  operation: Json;
  /** What is in its path, its query and its headers. */
  parameters: Json[];
  /** The schema and the example of its body; undefined where it has none. */
  schema?: Json;
  example?: Json;
  needsToken: boolean;
  /** Undefined where any token will do. */
  scope: string | undefined;
};

export const document: Json = await (await fetch(`${apiUrl}/swagger/json`)).json();

/** Every route of the served document, in its order. */
export const documentedRoutes: DocumentedRoute[] = Object.entries<Json>(document.paths).flatMap(([template, methods]) =>
  Object.entries<Json>(methods).map(([method, operation]) => describe(method.toUpperCase(), template, operation)),
);

function describe(method: string, template: string, operation: Json): DocumentedRoute {
  const parameters: Json[] = operation.parameters ?? [];
  const body = operation.requestBody?.content["application/json"];
  const given: Record<string, string> = Object.fromEntries(parameters.map(({ name, example }) => [name, example]));
  const needed: [string, string][] = parameters
    .filter((one) => one.in === "query" && one.required)
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
    scope: /Scope: `([^`]+)`/.exec(operation.description)?.[1],
  };
}

/** The path with these values in place of its parameters. */
export function fill(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? name);
}

/** The path with one more parameter in its query. */
export function ask(path: string, name: string, value: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}${name}=${value}`;
}

/** The codes that the document lets the route answer. */
export function codesOf({ operation }: DocumentedRoute): string[] {
  return Object.values<Json>(operation.responses).flatMap(
    ({ content }) => content["application/problem+json"]?.schema.properties.code.enum ?? [],
  );
}
