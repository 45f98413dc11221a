import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { differingFields } from "../../src/ledger/operations.ts";

const original = { kind: "deposit", request: { userId: "alice", amount: "1.00", comment: "hello" } };

describe("the fields in which two requests differ", () => {
  test("do not exist between equal requests, in any order of their members", () => {
    const reordered = { kind: "deposit", request: { comment: "hello", amount: "1.00", userId: "alice" } };
    expect(differingFields(original, reordered)).toEqual([]);
  });

  test("are exactly those that differ", () => {
    const fields = fc.constantFrom("userId", "amount", "comment");
    fc.assert(
      fc.property(fc.uniqueArray(fields), (changed) => {
        const request = { ...original.request, ...Object.fromEntries(changed.map((name) => [name, "other"])) };
        expect(new Set(differingFields(original, { ...original, request }))).toEqual(new Set(changed));
      }),
    );
  });

  test("include the kind", () => {
    expect(differingFields(original, { ...original, kind: "withdrawal" })).toEqual(["kind"]);
  });

  test("include a field that only one of them has, on either side", () => {
    const { comment: _, ...without } = original.request;
    expect(differingFields(original, { ...original, request: without })).toEqual(["comment"]);
    expect(differingFields({ ...original, request: without }, original)).toEqual(["comment"]);
  });

  test("include an empty text against an absent one", () => {
    const { comment: _, ...without } = original.request;
    expect(
      differingFields({ ...original, request: { ...without, comment: "" } }, { ...original, request: without }),
    ).toEqual(["comment"]);
  });
});
