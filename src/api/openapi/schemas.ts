/** Any object of the document. */
export type Schema = { [member: string]: unknown };

/** Converts schemas to OpenAPI 3.0, recursively. Removes keywords that only the validator or JSON Schema has. */
export function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value) return { $ref: value.$ref };
  const {
    examples,
    error,
    nameError,
    documented,
    contentMediaType,
    default: initial,
    ...schema
  } = simplifyUnion(value as Schema);
  if (documented) {
    for (const word of ["type", "pattern"]) delete schema[word];
    Object.assign(schema, documented);
  } else if (initial !== undefined) schema.default = initial;
  if (schema.const !== undefined) {
    schema.enum = [schema.const];
    delete schema.const;
  }
  if (schema.patternProperties) {
    schema.additionalProperties = Object.values(schema.patternProperties)[0];
    delete schema.patternProperties;
  }
  if (Array.isArray(examples)) schema.example ??= examples[0];
  return Object.fromEntries(
    Object.entries(schema).flatMap(([member, inner]) => (inner === undefined ? [] : [[member, tidy(inner)]])),
  );
}

/**
 * Simplifies a union for OpenAPI 3.0.
 *
 * String literals become an enum, a null becomes `nullable`, the framework's union of number and string the number.
 */
function simplifyUnion(schema: Schema): Schema {
  if (!Array.isArray(schema.anyOf)) return schema;
  const { anyOf, ...rest } = schema;
  const choices = (anyOf as Schema[]).filter(({ type }) => type !== "null");
  const nullable = choices.length < anyOf.length && { nullable: true };
  const number = choices.find(({ type }) => type === "integer" || type === "number");
  if (choices.every((one) => typeof one.const === "string")) {
    return {
      ...rest,
      type: "string",
      enum: [...choices.map((one) => one.const), ...(nullable ? [null] : [])],
      ...nullable,
    };
  }
  if (number && choices.every((one) => one === number || one.type === "string"))
    return { ...number, ...rest, ...nullable };
  // A schema that also allows null is not the named one.
  if (choices.length === 1) return { ...choices[0], title: undefined, ...rest, ...nullable };
  return { ...rest, anyOf: choices, ...nullable };
}

/** Builds an example of a tidy schema from the examples of its required parts. */
export function exampleOf(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.nullable) return null;
  if (schema.type === "array") return [exampleOf(schema.items as Schema)];
  if (schema.type !== "object") return schema.type === "boolean" ? true : undefined;
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Schema>; required?: string[] };
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name]!)]));
}
