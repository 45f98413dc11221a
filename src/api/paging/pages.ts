import { type TSchema, t } from "elysia";
import type { Cursors } from "./cursors.ts";

const LIMIT_DEFAULT = 20;

/** The query parameters of every list. */
export const pageParameters = {
  limit: t.Optional(
    t.String({
      pattern: "^([1-9][0-9]?|100)$",
      description: "The maximum number of items on the page.",
      documented: { type: "integer", minimum: 1, maximum: 100, default: LIMIT_DEFAULT },
      error: "must be a whole number from 1 to 100",
    }),
  ),
  cursor: t.Optional(
    t.String({ maxLength: 512, description: "`nextCursor` of the previous page.", error: "is too long" }),
  ),
};

export type PageQuery = { limit?: string; cursor?: string };

/** The response schema of every list. Its name is that of an item, with `List` behind it. */
export function listOf<Item extends TSchema>(item: Item) {
  return t.Object(
    { items: t.Array(item), nextCursor: t.Union([t.String(), t.Null()], { description: "Null on the last page." }) },
    { ...(item.title && { title: `${item.title}List` }), description: "A page of the list." },
  );
}

/** The maximum number of items of a page. */
export function pageSize(limit: string | undefined): number {
  return limit === undefined ? LIMIT_DEFAULT : Number(limit);
}

export type List<Found> = {
  /** Identifies the list by all that its order and its items depend on. Cursors of other lists are invalid. */
  name: string;
  /** Reads at most `limit` items after the position `after`. */
  read(after: string | undefined, limit: number): Promise<Found[]>;
  /** The position of an item in the list. */
  positionOf(one: Found): string;
};

/** Reads a page, and creates the cursor of the next. @throws Problem `invalid_cursor`, and the errors of `read` */
export async function readPage<Found>(
  cursors: Cursors,
  { limit, cursor }: PageQuery,
  { name, read, positionOf }: List<Found>,
): Promise<{ found: Found[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : cursors.decode(name, cursor);
  const size = pageSize(limit);
  // One item more than the page has shows whether there is a next page.
  const more = await read(after, size + 1);
  const found = more.slice(0, size);
  const last = found.at(-1);
  return { found, nextCursor: last && more.length > size ? cursors.encode(name, positionOf(last)) : null };
}
