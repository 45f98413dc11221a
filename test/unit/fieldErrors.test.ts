import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { parseBatch } from "../../src/api/batches/parse.ts";
import { fieldErrors } from "../../src/api/http/fieldErrors.ts";
import type { Problem } from "../../src/api/http/problems.ts";

const schema = TypeCompiler.Compile(
  Type.Object({ userId: Type.String({ error: "must be an id" }) }, { additionalProperties: false }),
);

function fieldsOf(body: unknown): string[] {
  return fieldErrors(schema.Errors(body)).map(({ field }) => field);
}

describe("a wrong field", () => {
  test.each(["colour", "a/b", "/", "//a", "a~b", "~1", "~0", "~01", "a.b", "__proto__", " ", "😀"])(
    "%p is called as the caller called it",
    (name) => {
      expect(fieldsOf({ userId: "a", [name]: 1 })).toEqual([name]);
    },
  );

  test("that has no name is called by two quotes, and is not taken for the body", () => {
    expect(fieldErrors(schema.Errors({ userId: "a", "": 1 }))).toEqual([
      { field: '""', message: "is not a field of this request" },
    ]);
    expect(fieldErrors(schema.Errors([]))).toEqual([{ field: "body", message: "must be a JSON object" }]);
  });

  test("with a long name is called by its beginning, with no half of a character at its end", () => {
    expect(fieldsOf({ userId: "a", ["x".repeat(100)]: 1 })).toEqual(["x".repeat(100)]);
    expect(fieldsOf({ userId: "a", ["x".repeat(101)]: 1 })).toEqual([`${"x".repeat(99)}…`]);
    expect(fieldsOf({ userId: "a", ["😀".repeat(100_000)]: 1 })).toEqual([`${"😀".repeat(49)}…`]);
  });

  test("of a batch is called so, too, at its place", () => {
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

test("what is said of a field is one sentence, the first: one that is missing is required", () => {
  expect(fieldErrors(schema.Errors({}))).toEqual([{ field: "userId", message: "is required" }]);
  expect(fieldErrors(schema.Errors({ userId: 7 }))).toEqual([{ field: "userId", message: "must be an id" }]);
});
