import { type FieldError, Problem } from "./problems.ts";

/** As many wrong fields are named, however many there are, and so much of a name: an answer must not be larger than what was asked. */
const ERRORS_MAX = 64;
const NAME_CHARACTERS_MAX = 100;

/** Of a pair of surrogates that was cut in two. */
const HALF_AT_END = /[\ud800-\udbff]$/;

/** What the validators, the framework's and TypeBox's own, say of one field. */
type Complaint = { path: string; message: string; value?: unknown; schema?: { error?: unknown } };

/** One sentence a field: a missing field fails its own check too, and the first word on it says it best. */
export function fieldErrors(complaints: Iterable<Complaint>): FieldError[] {
  const errors = new Map<string, string>();
  for (const complaint of complaints) {
    const field =
      complaint.path === "" ? "body" : fieldNamed(complaint.path.slice(1).split("/").map(unescaped).join("."));
    if (!errors.has(field)) errors.set(field, describe(complaint));
  }
  return [...errors].map(([field, message]) => ({ field, message }));
}

/** The answer to a request with these wrong fields. */
export function invalidRequest(errors: FieldError[]): Problem {
  return new Problem("invalid_request", { extensions: { errors: errors.slice(0, ERRORS_MAX) } });
}

/** How a field is called whose name is the caller's choice. */
export function fieldNamed(name: string): string {
  if (name === "") return '""';
  return name.length > NAME_CHARACTERS_MAX
    ? `${name.slice(0, NAME_CHARACTERS_MAX - 1).replace(HALF_AT_END, "")}…`
    : name;
}

/** The name that stands as a segment of a JSON Pointer. */
function unescaped(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

function describe({ path, message, value, schema }: Complaint): string {
  if (path === "") return "must be a JSON object";
  if (message === "Unexpected property") return "is not a field of this request";
  if (value === undefined && message === "Expected required property") return "is required";
  return typeof schema?.error === "string" ? schema.error : message;
}
