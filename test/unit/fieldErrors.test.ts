import { describe, expect, test } from "bun:test";
import { type TSchema, Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { BATCHED } from "../../src/api/batches/model.ts";
import { parseBatch } from "../../src/api/batches/parse.ts";
import { fieldErrors } from "../../src/api/http/fieldErrors.ts";
import type { Problem } from "../../src/api/http/problems.ts";
import { ServiceNaming } from "../../src/api/services/model.ts";

const schema = TypeCompiler.Compile(
  Type.Object({ userId: Type.String({ minLength: 1, error: "must be an id" }) }, { additionalProperties: false }),
);

function fieldsOf(body: unknown): string[] {
  return fieldErrors(schema.Errors(body)).map(({ field }) => field);
}

describe("the name of an invalid field", () => {
  test.each(["colour", "a/b", "/", "//a", "a~b", "~1", "~0", "~01", "a.b", "__proto__", " ", "😀"])(
    "%p is reported as in the request",
    (name) => {
      expect(fieldsOf({ userId: "a", [name]: 1 })).toEqual([name]);
    },
  );

  test("is two quotes where it is empty, and is not confused with the body", () => {
    expect(fieldErrors(schema.Errors({ userId: "a", "": 1 }))).toEqual([
      { field: '""', message: "is not a field of this request" },
    ]);
    expect(fieldErrors(schema.Errors([]))).toEqual([{ field: "body", message: "must be a JSON object" }]);
  });

  test("is cut where it is long, with no half of a character at its end", () => {
    expect(fieldsOf({ userId: "a", ["x".repeat(100)]: 1 })).toEqual(["x".repeat(100)]);
    expect(fieldsOf({ userId: "a", ["x".repeat(101)]: 1 })).toEqual([`${"x".repeat(99)}…`]);
    expect(fieldsOf({ userId: "a", ["😀".repeat(100_000)]: 1 })).toEqual([`${"😀".repeat(49)}…`]);
  });

  test("includes its place in a batch", () => {
    const operation = {
      kind: "deposit",
      idempotencyKey: "a",
      userId: "a",
      amount: "1",
      ["y".repeat(1_000)]: 1,
      "a/b": 1,
    };
    let problem: Problem | undefined;
    try {
      parseBatch({ operations: [operation], ["x".repeat(1_000)]: 1 });
    } catch (error) {
      problem = error as Problem;
    }
    expect(problem?.details.extensions?.errors?.map(({ field }) => field)).toEqual([
      `${"x".repeat(99)}…`,
      `operations[0].${"y".repeat(99)}…`,
      "operations[0].a/b",
    ]);
  });
});

test("an invalid field has one message, the first: a missing field is required", () => {
  expect(fieldErrors(schema.Errors({}))).toEqual([{ field: "userId", message: "is required" }]);
  expect(fieldErrors(schema.Errors({ userId: "" }))).toEqual([{ field: "userId", message: "must be an id" }]);
  expect(fieldErrors(schema.Errors({ userId: 7 }))).toEqual([{ field: "userId", message: "must be a string" }]);
});

const { deposit: depositFields, transfer, reservation, recognition, release, refund } = BATCHED.byFields;

test("a value that is no string is refused as such, in every string field of every kind", () => {
  for (const { properties } of [depositFields, transfer, reservation, recognition, release, refund, ServiceNaming]) {
    for (const [field, one] of Object.entries<TSchema>(properties)) {
      if (one.type !== "string" || "const" in one) continue;
      for (const value of [null, 7, true, [], {}, ["a"]]) {
        const errors = fieldErrors(TypeCompiler.Compile(Type.Object({ [field]: one })).Errors({ [field]: value }));
        expect([field, errors]).toEqual([
          field,
          [{ field, message: expect.stringMatching(/^must be a string, like "/) }],
        ]);
      }
    }
  }
});
