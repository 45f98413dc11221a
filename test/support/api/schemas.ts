/** Closes the objects of a JSON Schema: an undocumented member becomes an error. */
export function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closed(inner)]));
  const isOpen =
    typeof schema.properties === "object" && schema.type === "object" && !("additionalProperties" in schema);
  return isOpen ? { ...schema, additionalProperties: false } : schema;
}
