import { type TSchema, t } from "elysia";
import type { Cursors } from "./cursors.ts";

const LIMIT_DEFAULT = 20;

/** What every list may be asked: how much of it, and from where on. */
export const pageParameters = {
  limit: t.Optional(
    t.String({
      pattern: "^([1-9][0-9]?|100)$",
      description: "How many at most on a page.",
      documented: { type: "integer", minimum: 1, maximum: 100, default: LIMIT_DEFAULT },
      error: "must be a whole number from 1 to 100",
    }),
  ),
  cursor: t.Optional(t.String({ maxLength: 512, description: "nextCursor of the page before.", error: "is too long" })),
};

export type PageQuery = { limit?: string; cursor?: string };

/** The answer of every list. */
export function listOf<Item extends TSchema>(item: Item) {
  return t.Object(
    {
      items: t.Array(item),
      nextCursor: t.Union([t.String(), t.Null()], { description: "Null at the end." }),
    },
    { description: "A page of the list." },
  );
}

export type List<Found> = {
  /** Which list, with everything that its order and its items depend on: a cursor of another is none. */
  name: string;
  /** At most `limit` of what comes behind the position `after`. */
  read(after: string | undefined, limit: number): Promise<Found[]>;
  /** Where in the list this one stands. */
  positionOf(one: Found): string;
};

/** One page of a list, and the cursor of the next. @throws Problem `invalid_cursor`, and what `read` throws */
export async function readPage<Found>(
  cursors: Cursors,
  { limit, cursor }: PageQuery,
  { name, read, positionOf }: List<Found>,
): Promise<{ found: Found[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : cursors.decode(name, cursor);
  const size = limit === undefined ? LIMIT_DEFAULT : Number(limit);
  // One more than is asked for tells whether there is a next page.
  const more = await read(after, size + 1);
  const found = more.slice(0, size);
  const last = found.at(-1);
  return { found, nextCursor: last && more.length > size ? cursors.encode(name, positionOf(last)) : null };
}
