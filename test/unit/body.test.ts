import { expect, test } from "bun:test";
import { readJson } from "../../src/api/http/body.ts";

function read(body: string): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return readJson({ request: new Request("http://localhost", { method: "POST", headers, body }) });
}

function nested(depth: number): string {
  return `${'[{"a":'.repeat(depth / 2)}1${"}]".repeat(depth / 2)}`;
}

test("a body may be nested 32 deep; a deeper one is refused, complete or not", async () => {
  expect(JSON.stringify(await read(nested(32)))).toBe(nested(32));
  for (const body of [`[${nested(32)}]`, nested(100_000), "[".repeat(33), '{"":'.repeat(200_000)]) {
    await expect(read(body)).rejects.toMatchObject({
      code: "invalid_request",
      details: { detail: expect.stringContaining("nested more than 32 deep") },
    });
  }
});

test("adjacent brackets and brackets in strings do not add to the depth", async () => {
  const values = ["[".repeat(100), `\\"${"{".repeat(100)}`, `${'"[{\\'.repeat(100)}\\`, "\u275b[\u045b{", [[], {}, []]];
  const body = Array.from({ length: 100 }, () => ({ values, [`${'["'.repeat(50)}`]: 1 }));
  expect(await read(JSON.stringify(body))).toEqual(body);
});
