import { type Answer, get } from "./client.ts";

export type Query = Record<string, string>;

/** Reads a page of a user's statement. */
export function statement(userId: string, query: Query = {}): Promise<Answer> {
  return get(`/v1/users/${userId}/transactions?${new URLSearchParams(query)}`);
}

/** The items of all pages, up to the page without a next cursor. */
export async function wholeStatement(userId: string, query: Query = {}): Promise<Answer["body"][]> {
  const items: Answer["body"][] = [];
  let cursor: string | null = null;
  do {
    const { status, body } = await statement(userId, { limit: "100", ...query, ...(cursor && { cursor }) });
    if (status !== 200) throw new Error(`The statement was answered ${status}: ${JSON.stringify(body)}`);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return items;
}
