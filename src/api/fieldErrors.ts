import type { FieldError } from "./problems.ts";

/** What the validators, the framework's and TypeBox's own, say of one field. */
type Complaint = { path: string; message: string; value?: unknown; schema?: { error?: unknown } };

/** One sentence a field: a missing field fails its own check too, and the first word on it says it best. */
export function fieldErrors(complaints: Iterable<Complaint>): FieldError[] {
  const errors = new Map<string, string>();
  for (const complaint of complaints) {
    const field = complaint.path.slice(1).replaceAll("/", ".") || "body";
    if (!errors.has(field)) errors.set(field, describe(complaint));
  }
  return [...errors].map(([field, message]) => ({ field, message }));
}

function describe({ path, message, value, schema }: Complaint): string {
  if (path === "") return "must be a JSON object";
  if (message === "Unexpected property") return "is not a field of this request";
  if (value === undefined && message === "Expected required property") return "is required";
  return typeof schema?.error === "string" ? schema.error : message;
}
