import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get, post } from "../support/api.ts";
import { withoutChance } from "../support/readmeExamples.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of another standard, looked into here and there
type Json = any;

const document: Json = await (await fetch(`${apiUrl}/swagger/json`)).json();
const token = await mintToken({ sub: "demo" });

type Tried = { path: string; parameters: Json[]; operation: Json };

/** The route with its examples in place, as the page fills them in. */
function filledIn(path: string, operation: Json): Tried {
  const exampleOf = (name: string) => operation.parameters.find((one: Json) => one.name === name)?.example;
  return {
    path: path.replace(/\{(\w+)\}/g, (_, name) => exampleOf(name)),
    parameters: operation.parameters,
    operation,
  };
}

const routes = Object.entries<Json>(document.paths);
const moves = routes.flatMap(([path, { post }]) => (post?.responses[202] ? [filledIn(path, post)] : []));
const reads = routes.flatMap(([path, { get }]) => (get ? [filledIn(path, get)] : []));

test("the requests of the document, tried from the top down by the caller of ./dev token, are answered as their examples say", async () => {
  expect(moves.length).toBeGreaterThan(9);
  for (const { path, parameters, operation } of moves) {
    const { example } = operation.requestBody.content["application/json"];
    const key = parameters.find(({ name }) => name === "Idempotency-Key").example;
    const answers = [await post(path, example, { key, token }), await post(path, example, { key, token, wait: 30 })];
    // The order is settled by the recognition before it: one of the two can be had, as the reservation is one.
    if (operation.operationId === "release") {
      expect([path, answers[1]!.status, answers[1]!.body.code]).toEqual([path, 422, "reservation_settled"]);
      continue;
    }
    for (const { status, body } of answers) {
      const shown = operation.responses[status]?.content["application/json"]?.example;
      expect([path, status, withoutChance(body)]).toEqual([path, status, withoutChance(shown)]);
      expect([path, body.operationId]).toEqual([path, shown.operationId]);
    }
  }
});

test("the reads of the document, tried as they stand, find what the requests made", async () => {
  for (const { path, operation } of reads) {
    if (operation.parameters.some((one: Json) => one.required && one.example === undefined)) continue;
    expect([path, (await get(path, { token })).status]).toEqual([path, 200]);
  }
});
