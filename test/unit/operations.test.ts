import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { differingFields } from "../../src/ledger/operations.ts";

const asked = { kind: "deposit", request: { userId: "alice", amount: "1.00", comment: "hello" } };

describe("the fields in which two requests differ", () => {
  test("there are none between equal requests, in whatever order their fields stand", () => {
    const reordered = { kind: "deposit", request: { comment: "hello", amount: "1.00", userId: "alice" } };
    expect(differingFields(asked, reordered)).toEqual([]);
  });

  test("every field that differs is named, and no other", () => {
    const fields = fc.constantFrom("userId", "amount", "comment");
    fc.assert(
      fc.property(fc.uniqueArray(fields), (changed) => {
        const request = { ...asked.request, ...Object.fromEntries(changed.map((name) => [name, "other"])) };
        expect(new Set(differingFields(asked, { ...asked, request }))).toEqual(new Set(changed));
      }),
    );
  });

  test("the kind is one of them", () => {
    expect(differingFields(asked, { ...asked, kind: "withdrawal" })).toEqual(["kind"]);
  });

  test("a field that only one of them has is one of them, on either side", () => {
    const { comment: _, ...without } = asked.request;
    expect(differingFields(asked, { ...asked, request: without })).toEqual(["comment"]);
    expect(differingFields({ ...asked, request: without }, asked)).toEqual(["comment"]);
  });

  test("an empty text is not an absent one", () => {
    const { comment: _, ...without } = asked.request;
    expect(differingFields({ ...asked, request: { ...without, comment: "" } }, { ...asked, request: without })).toEqual(
      ["comment"],
    );
  });
});
