import { isSame, sign } from "../../lib/signing.ts";
import { Problem } from "../http/problems.ts";

export type Cursors = ReturnType<typeof createCursors>;

/**
 * Opaque cursors: the end of a page, signed together with its list.
 *
 * A cursor that was changed, or belongs to another list, is invalid. `signingKey` is the same on all replicas, so that
 * any of them can read the next page.
 */
export function createCursors(signingKey: string) {
  function encode(list: string, position: string): string {
    return `${Buffer.from(position).toString("base64url")}.${sign(signingKey, "cursor", list, position)}`;
  }

  return {
    /** `list` identifies the list, its user, order and filters. `position` is the place in it. */
    encode,

    /** The position that `encode` was given for the same list. @throws Problem `invalid_cursor` */
    decode(list: string, cursor: string): string {
      const position = Buffer.from(cursor.split(".", 1)[0]!, "base64url").toString();
      // Compares the whole cursor, since base64 has several spellings of one position.
      if (!isSame(cursor, encode(list, position))) {
        throw new Problem("invalid_cursor", {
          extensions: { errors: [{ field: "cursor", message: "is not a cursor of this list" }] },
        });
      }
      return position;
    },
  };
}
