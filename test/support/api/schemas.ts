type Json = { [member: string]: unknown };

/** Puts the parts of a document in place of the references to them. */
export function dereference<Document>(document: Document): Document {
  const parts = new Map<string, unknown>();
  function replace(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    if (!("$ref" in value)) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replace(inner)]));
    }
    const reference = String(value.$ref);
    if (!parts.has(reference)) parts.set(reference, replace(find(document, reference)));
    return parts.get(reference);
  }
  return replace(document) as Document;
}

function find(document: unknown, reference: string): unknown {
  const found = reference
    .slice("#/".length)
    .split("/")
    .reduce<unknown>((at, member) => (at as Json | undefined)?.[member], document);
  if (found === undefined) throw new Error(`${reference} is not in the API document`);
  return found;
}

/**
 * Closes the objects of a JSON Schema without references: an undocumented member becomes an error. The parts of an
 * `allOf` are one object.
 */
export function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closed(inner)]));
  if (Array.isArray(schema.allOf)) return joined(schema.allOf as Json[]);
  const isOpen =
    typeof schema.properties === "object" && schema.type === "object" && !("additionalProperties" in schema);
  return isOpen ? { ...schema, additionalProperties: false } : schema;
}

function joined(parts: Json[]): Json {
  return {
    type: "object",
    required: [...new Set(parts.flatMap(({ required = [] }) => required as string[]))],
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    additionalProperties: false,
  };
}
