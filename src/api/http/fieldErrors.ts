import { type FieldError, Problem } from "./problems.ts";

/** Bounds of the list and of a name. They keep a response from being larger than its request. */
const ERRORS_MAX = 64;
const NAME_CHARACTERS_MAX = 100;

/** The first half of a surrogate pair that was cut. */
const HALF_AT_END = /[\ud800-\udbff]$/;

/** An error of one field, from the framework's validator or TypeBox's own. */
type ValidatorError = {
  path: string;
  message: string;
  value?: unknown;
  /** `nameError` is the message for a wrong name in an object with any names. */
  schema?: { error?: unknown; nameError?: unknown; type?: unknown; examples?: unknown };
};

/** The first error of each field. A missing field also fails its other checks, with less clear messages. */
export function fieldErrors(validatorErrors: Iterable<ValidatorError>): FieldError[] {
  const errors = new Map<string, string>();
  for (const error of validatorErrors) {
    const field =
      error.path === "" ? "body" : formatFieldName(error.path.slice(1).split("/").map(decodeSegment).join("."));
    if (!errors.has(field)) errors.set(field, describe(error));
  }
  return [...errors].map(([field, message]) => ({ field, message }));
}

/** The problem of a request with these wrong fields. */
export function invalidRequest(errors: FieldError[]): Problem {
  return new Problem("invalid_request", { extensions: { errors: errors.slice(0, ERRORS_MAX) } });
}

/** The name of an unknown field, as a response shows it. */
export function formatFieldName(name: string): string {
  if (name === "") return '""';
  return name.length > NAME_CHARACTERS_MAX
    ? `${name.slice(0, NAME_CHARACTERS_MAX - 1).replace(HALF_AT_END, "")}…`
    : name;
}

/** Decodes a segment of a JSON Pointer (RFC 6901). */
function decodeSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

function describe({ path, message, value, schema }: ValidatorError): string {
  if (path === "") return "must be a JSON object";
  if (message === "Unexpected property") return String(schema?.nameError ?? "is not a field of this request");
  if (value === undefined && message === "Expected required property") return "is required";
  if (schema?.type === "string" && typeof value !== "string") return describeString(schema.examples);
  return typeof schema?.error === "string" ? schema.error : message;
}

/** The message for a null or another value that is no string. */
function describeString(examples: unknown): string {
  return `must be a string${Array.isArray(examples) ? `, like ${JSON.stringify(examples[0])}` : ""}`;
}
