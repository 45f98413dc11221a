import type { PoolClient } from "pg";

/** Hears of each statement by its name, as it is sent; what it returns hears of its end. */
export type OnStatement = (name: string) => (error?: unknown) => void;

type Query = (statement: string | { name?: string; text: string }, ...others: unknown[]) => unknown;
type Callback = (error: unknown, ...results: unknown[]) => void;

/**
 * Tells `onStatement` of all that is sent on this connection: without the values, which are people's. The pool asks with a callback, everyone
 * else waits for a promise.
 */
export function observeQueries(client: PoolClient, onStatement: OnStatement): void {
  const query = client.query.bind(client) as unknown as Query;
  const observed: Query = (statement, ...others) => {
    const ended = onStatement(nameOf(statement));
    const callback = others.at(-1);
    if (typeof callback === "function") {
      return query(statement, ...others.slice(0, -1), (...results: Parameters<Callback>) => {
        ended(results[0]);
        callback(...results);
      });
    }
    const result = query(statement, ...others) as Promise<unknown>;
    result.then(() => ended(), ended);
    return result;
  };
  Object.assign(client, { query: observed });
}

/** Its own name, or the word that it begins with. */
function nameOf(statement: Parameters<Query>[0]): string {
  const { name, text } = typeof statement === "string" ? { name: undefined, text: statement } : statement;
  return name ?? /\w+/.exec(text)?.[0] ?? "statement";
}
