import { Ajv, type ValidateFunction } from "ajv";
import { closed } from "./schemas.ts";

type Schema = { [member: string]: unknown };
type Responses = Record<string, { content?: Record<string, { schema: Schema }> }>;
type Route = { method: string; path: RegExp; checks: Map<string, ValidateFunction | undefined> };

const JSON_TYPES = ["application/json", "application/problem+json"];
const RFC_3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const ajv = new Ajv({ strict: false, allErrors: true, formats: { "date-time": RFC_3339_UTC, binary: true } });

/** Read once, from the process of the first request. A process that is down has no document yet. */
let routes: Route[] | undefined;

/**
 * Fails where an answer differs from the API document.
 *
 * That is an undocumented status, or a body that does not match the schema. The service itself does not check its
 * answers. Paths that the document does not have are ignored.
 */
export async function assertDocumented(
  origin: string,
  method: string,
  path: string,
  { status, body }: { status: number; body: unknown },
): Promise<void> {
  routes ??= await readRoutes(origin);
  const pathname = path.replace(/\?.*$/s, "");
  const route = routes.find((one) => one.method === method && one.path.test(pathname));
  if (!route) return;
  const called = `${method} ${pathname} answered ${status}`;
  if (!route.checks.has(`${status}`)) throw new Error(`${called}, which the API document does not have`);
  const check = route.checks.get(`${status}`);
  if (check && !check(body)) {
    throw new Error(`${called}, not as documented: ${ajv.errorsText(check.errors)}\n${JSON.stringify(body)}`);
  }
}

async function readRoutes(origin: string): Promise<Route[]> {
  const document = (await (await fetch(`${origin}/swagger/json`)).json()) as {
    paths: Record<string, Record<string, { responses: Responses }>>;
  };
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path: new RegExp(`^${template.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      checks: new Map(Object.entries(responses).map(([status, { content = {} }]) => [status, compile(content)])),
    })),
  );
}

/** Undefined where the answer is not JSON. */
function compile(content: Record<string, { schema: Schema }>): ValidateFunction | undefined {
  const type = JSON_TYPES.find((one) => one in content);
  return type === undefined ? undefined : ajv.compile(closed(content[type]!.schema) as Schema);
}
