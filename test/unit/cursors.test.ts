import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Problem } from "../../src/api/http/problems.ts";
import { createCursors } from "../../src/api/paging/cursors.ts";

/** Some of these are equal for a lenient base64 decoder. */
const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.";
const cursors = createCursors("s".repeat(32));

function expectInvalid(list: string, cursor: string, of = cursors): void {
  try {
    of.decode(list, cursor);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code: "invalid_cursor", details: { extensions: { errors: [{ field: "cursor" }] } } });
    return;
  }
  throw new Error(`The cursor ${cursor} was taken`);
}

describe("a cursor", () => {
  test("returns its position for the same list, on every replica", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "grapheme" }), (list, position) => {
        expect(createCursors("s".repeat(32)).decode(list, cursors.encode(list, position))).toBe(position);
      }),
    );
  });

  test("needs no escaping in an address", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (position) => {
        const cursor = cursors.encode("list", position);
        expect(encodeURIComponent(cursor)).toBe(cursor);
      }),
    );
  });

  test("of another list is invalid", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (list, other, position) => {
        fc.pre(list !== other);
        expectInvalid(other, cursors.encode(list, position));
      }),
    );
  });

  test("list and position are delimited", () => {
    const cursor = cursors.encode("list", "position");
    for (const list of ["", "lis", "list,", "listp"]) expectInvalid(list, cursor);
  });

  test("is invalid with any one character changed", () => {
    const cursor = cursors.encode("list", "2026-11-23T12:00:00.000Z 7");
    for (const index of Array.from(cursor).keys()) {
      for (const other of CHARACTERS) {
        if (cursor[index] === other) continue;
        expectInvalid("list", `${cursor.slice(0, index)}${other}${cursor.slice(index + 1)}`);
      }
    }
  });

  test("is invalid with trailing characters", () => {
    const cursor = cursors.encode("list", "position");
    for (const end of [".", ".A", "=", " "]) expectInvalid("list", `${cursor}${end}`);
  });

  test("is invalid with another signing key", () => {
    expectInvalid("list", cursors.encode("list", "position"), createCursors("t".repeat(32)));
  });

  test.each(["", ".", "..", "position", "cG9zaXRpb24.", ".cG9zaXRpb24", "💥.💥", "a".repeat(10_000)])(
    "%p is invalid",
    (text) => {
      expectInvalid("list", text);
    },
  );
});
