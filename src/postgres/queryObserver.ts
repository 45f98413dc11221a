import type { PoolClient } from "pg";

/**
 * Called with a statement's name when it is sent. The function that it returns is called when the statement ends, with
 * the error if it failed.
 */
export type OnStatement = (name: string) => (error?: unknown) => void;

type Query = (statement: string | { name?: string; text: string }, ...others: unknown[]) => unknown;
type Callback = (error: unknown, ...results: unknown[]) => void;

/**
 * Wraps `client.query` to report every statement to `onStatement`. Values are not reported, because they are personal
 * data. The pool passes a callback; all other callers await a promise.
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

/** Returns the name of a prepared statement, or else the first word of its SQL. */
function nameOf(statement: Parameters<Query>[0]): string {
  const { name, text } = typeof statement === "string" ? { name: undefined, text: statement } : statement;
  return name ?? /\w+/.exec(text)?.[0] ?? "statement";
}
