import { isSame, sign } from "../../lib/signing.ts";
import { Problem } from "../http/problems.ts";

export type Cursors = ReturnType<typeof createCursors>;

/**
 * Opaque cursors: where a page ended, sealed with the list it belongs to. One that was changed, or is used with another list, is no cursor.
 * `signingKey` is the same on all replicas, so that a page may come from any of them.
 */
export function createCursors(signingKey: string) {
  function encode(list: string, position: string): string {
    return `${Buffer.from(position).toString("base64url")}.${sign(signingKey, "cursor", list, position)}`;
  }

  return {
    /** `list` says which list, with its user, order and filters; `position` says where in it. */
    encode,

    /** The position that `encode` was given for the same list. @throws Problem `invalid_cursor` */
    decode(list: string, cursor: string): string {
      const position = Buffer.from(cursor.split(".", 1)[0]!, "base64url").toString();
      // As a whole: base64 has several spellings of one position.
      if (!isSame(cursor, encode(list, position))) {
        throw new Problem("invalid_cursor", {
          extensions: { errors: [{ field: "cursor", message: "is not a cursor of this list" }] },
        });
      }
      return position;
    },
  };
}
