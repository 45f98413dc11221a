import { expect, test } from "bun:test";
import { createComponents } from "../../src/api/openapi/components.ts";
import { tidy } from "../../src/api/openapi/schemas.ts";

const money = { title: "Money", type: "string" };
const Money = { $ref: "#/components/schemas/Money" };

/** A document with one route that answers these schemas, by status. */
function documentOf(schemas: Record<string, unknown>) {
  const responses = Object.entries(schemas).map(([status, schema]) => [
    status,
    { content: { schema, example: money } },
  ]);
  return { "/": { get: { responses: Object.fromEntries(responses) } } };
}

test("a schema with a title is named once, and every place refers to it, also inside another one", () => {
  const balance = { title: "Balance", type: "object", properties: { available: money, title: { type: "string" } } };
  const { paths, components } = createComponents().nameParts(documentOf({ 200: balance, 201: money }));
  const schemas = Object.values<object>(paths["/"]!.get!.responses!).map(
    (response) => "content" in response && response.content,
  );
  expect(schemas).toEqual([
    { schema: { $ref: "#/components/schemas/Balance" }, example: money },
    { schema: Money, example: money },
  ]);
  expect(components.schemas).toEqual({
    Balance: { type: "object", properties: { available: Money, title: { type: "string" } } },
    Money: { type: "string" },
  });
});

test("two different schemas with one title are an error that shows both", () => {
  const name = () => createComponents().nameParts(documentOf({ 200: money, 201: { ...money, maxLength: 5 } }));
  expect(name).toThrow(
    'the name Money. Give one of them another title:\n{"type":"string"}\n{"type":"string","maxLength":5}',
  );
});

test("a schema that may also be null is not the named one", () => {
  const nullable = tidy({ anyOf: [money, { type: "null" }] });
  expect(nullable).toEqual({ type: "string", nullable: true });
  expect(tidy({ title: "MoneyOrNull", anyOf: [money, { type: "null" }] })).toEqual({
    title: "MoneyOrNull",
    type: "string",
    nullable: true,
  });
});

test("of parameters with one name, the most frequent is shared, and the others stay in their routes", () => {
  const parameter = (example: string) => ({ name: "Key", in: "header", example });
  const paths = Object.fromEntries(
    ["a", "b", "b", "c"].map((example, index) => [`/${index}`, { get: { parameters: [parameter(example)] } }]),
  );
  const named = createComponents().nameParts(paths);
  const shared = { $ref: "#/components/parameters/Key" };
  expect(Object.values(named.paths).map(({ get }) => get!.parameters as object[])).toEqual([
    [parameter("a")],
    [shared],
    [shared],
    [parameter("c")],
  ]);
  expect(named.components.parameters).toEqual({ Key: parameter("b") });
});
