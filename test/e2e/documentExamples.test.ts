import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { get, post } from "../support/api/client.ts";
import { documentedRoutes } from "../support/api/document.ts";
import { maskVariableParts } from "../support/api/readmeExamples.ts";

const token = await mintToken({ sub: "demo" });
const moves = documentedRoutes.filter(({ parameters }) => parameters.some(({ name }) => name === "Idempotency-Key"));
/** But what a signed link opens, which no document can have an example of. */
const reads = documentedRoutes.filter(
  ({ method, operation }) => method === "GET" && operation.operationId !== "downloadRevenueReport",
);

test("the requests of the document, tried from the top down by the caller of ./dev token, are answered as their examples say", async () => {
  expect(moves.length).toBeGreaterThan(9);
  for (const { path, parameters, operation, example } of moves) {
    const key = parameters.find(({ name }) => name === "Idempotency-Key").example;
    const answers = [await post(path, example, { key, token }), await post(path, example, { key, token, wait: 30 })];
    // The order is settled by the recognition before it: one of the two can be had, as the reservation is one.
    if (operation.operationId === "release") {
      expect([path, answers[1]!.status, answers[1]!.body.code]).toEqual([path, 422, "reservation_settled"]);
      continue;
    }
    for (const { status, body } of answers) {
      const shown = operation.responses[status]?.content["application/json"]?.example;
      expect([path, status, maskVariableParts(body)]).toEqual([path, status, maskVariableParts(shown)]);
      expect([path, body.operationId]).toEqual([path, shown.operationId]);
    }
  }
});

test("the reads of the document, tried as they stand, find what the requests made", async () => {
  await post("/v1/audits", "", { key: null, wait: 30, token });
  for (const { path, parameters } of reads) {
    if (parameters.some(({ required, example }) => required && example === undefined)) continue;
    expect([path, (await get(path, { token })).status]).toEqual([path, 200]);
  }
});
