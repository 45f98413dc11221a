import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { EXAMPLES } from "../../src/api/openapi/examples.ts";
import { get, post } from "../support/api/client.ts";
import { documentedRoutes } from "../support/api/document.ts";
import { maskVariableParts } from "../support/api/pages.ts";

const token = await mintToken({ sub: "demo" });
const moves = documentedRoutes.filter(({ parameters }) => parameters.some(({ name }) => name === "Idempotency-Key"));
/** Without downloads by signed links, for which the document can have no example. */
const reads = documentedRoutes.filter(({ method, template }) => method === "GET" && !template.endsWith("/{file}"));

test("the example requests of the document, sent in order by its demo caller, get the example responses", async () => {
  expect(moves.length).toBeGreaterThan(9);
  for (const { path, parameters, operation, example } of moves) {
    const key = parameters.find(({ name }) => name === "Idempotency-Key").example;
    const answers = [await post(path, example, { key, token }), await post(path, example, { key, token, wait: 30 })];
    // The recognition before it settles the order. Only one of the two completes, since the reservation is one.
    if (operation.operationId === "releaseByFields") {
      expect([path, answers[1]!.status, answers[1]!.body.code]).toEqual([path, 422, "reservation_settled"]);
      continue;
    }
    for (const { status, body } of answers) {
      // All routes share the response 202, with the example of a deposit.
      const { pending } = EXAMPLES[operation.operationId as keyof typeof EXAMPLES];
      const shown = status === 202 ? pending : operation.responses[status]?.content["application/json"]?.example;
      expect([path, status, maskVariableParts(body)]).toEqual([path, status, maskVariableParts(shown)]);
      expect([path, body.operationId]).toEqual([path, shown.operationId]);
    }
  }
});

test("the example reads of the document find the results of its example requests", async () => {
  await post("/v1/audits", "", { key: null, wait: 30, token });
  for (const { path, parameters } of reads) {
    if (parameters.some(({ required, example }) => required && example === undefined)) continue;
    expect([path, (await get(path, { token })).status]).toEqual([path, 200]);
  }
});
