import { Ajv, type ValidateFunction } from "ajv";
import { closed, dereference } from "./schemas.ts";

type Schema = { [member: string]: unknown };
type Response = { "x-codes"?: string[]; content?: Record<string, { schema: Schema }> };
type Check = { codes: string[] | undefined; schema: Schema | undefined };
type Route = { method: string; path: RegExp; checks: Map<string, Check> };

const JSON_TYPES = ["application/json", "application/problem+json"];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const RFC_3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  formats: { "date-time": RFC_3339_UTC, uuid: UUID, binary: true },
});

/** Compiled once each, when they are first used: several routes have the same schema. */
const validators = new Map<Schema, ValidateFunction>();

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
  const { codes, schema } = route.checks.get(`${status}`)!;
  const difference = schema && findDifference(schema, body);
  if (difference) throw new Error(`${called}, not as documented: ${difference}\n${JSON.stringify(body)}`);
  if (!codes) return;
  const { code } = body as { code: string };
  if (!codes.includes(code)) throw new Error(`${called} with ${code}, which the route does not document`);
}

async function readRoutes(origin: string): Promise<Route[]> {
  const document = dereference(await (await fetch(`${origin}/swagger/json`)).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  };
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path: new RegExp(`^${template.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      checks: new Map(Object.entries(responses).map(([status, response]) => [status, checkOf(response)])),
    })),
  );
}

/** Checks nothing where the answer is not JSON. */
function checkOf({ "x-codes": codes, content = {} }: Response): Check {
  const type = JSON_TYPES.find((one) => one in content);
  return { codes, schema: type === undefined ? undefined : content[type]!.schema };
}

/** The difference of a value from a schema of the document, or undefined. */
export function findDifference(schema: Schema, value: unknown): string | undefined {
  const isValid = validators.get(schema) ?? ajv.compile(closed(schema) as Schema);
  validators.set(schema, isValid);
  return isValid(value) ? undefined : ajv.errorsText(isValid.errors);
}
