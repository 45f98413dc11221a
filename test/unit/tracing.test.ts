import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import type { PoolClient } from "pg";
import { toTraceparent, workflowTrace } from "../../src/observability/tracing/workflowTrace.ts";
import { observeQueries } from "../../src/postgres/queryObserver.ts";

const root = resolve(import.meta.dir, "../..");

test("without tracing OpenTelemetry is not loaded: one folder imports it, and only src/app loads that", async () => {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const importers: [string, string, string][] = [];
  for (const file of new Bun.Glob("src/**/*.ts").scanSync({ cwd: root })) {
    if (file.startsWith("src/observability/tracing/")) continue;
    for (const { path, kind } of transpiler.scanImports(await Bun.file(`${root}/${file}`).text())) {
      if (/opentelemetry|tracing\//.test(path)) importers.push([file, path, kind]);
    }
  }
  expect(importers).toEqual([["src/app/clients.ts", "../observability/tracing/tracing.ts", "dynamic-import"]]);
});

test("the trace id of a workflow derives from its id: valid, equal everywhere, different for others", () => {
  const one = workflowTrace("transfer-1");
  expect(workflowTrace("transfer-1")).toEqual(one);
  expect(toTraceparent(one)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(workflowTrace("transfer-2").traceId).not.toBe(one.traceId);
});

describe("statements are traced by their names, from start to end", () => {
  function connect(outcome: Promise<unknown>) {
    const events: string[] = [];
    const query = (_: unknown, ...others: unknown[]) => {
      const callback = others.at(-1);
      if (typeof callback !== "function") return outcome;
      outcome.then(
        (result) => callback(null, result),
        (error) => callback(error),
      );
      return undefined;
    };
    const client = { query } as unknown as PoolClient;
    observeQueries(client, (name) => {
      events.push(name);
      return (error) => events.push(error ? `${name} failed` : `${name} ended`);
    });
    return { client, events };
  }

  test("where a promise is awaited, and its result is returned", async () => {
    const { client, events } = connect(Promise.resolve("rows"));
    const statement = { name: "read-balance", text: "select 1 where user_id = $1", values: ["maria"] };
    expect(await client.query(statement)).toBe("rows" as never);
    expect(await client.query("commit")).toBe("rows" as never);
    expect(events).toEqual(["read-balance", "read-balance ended", "commit", "commit ended"]);
  });

  test("where it fails, by a promise or by the pool's callback, which receives the error", async () => {
    const { client, events } = connect(Promise.reject(new Error("refused")));
    await expect(client.query("select 1")).rejects.toThrow("refused");
    const heard = Promise.withResolvers<Error>();
    void client.query("begin", (error: Error) => heard.resolve(error));
    expect((await heard.promise).message).toBe("refused");
    expect(events).toEqual(["select", "select failed", "begin", "begin failed"]);
  });
});
