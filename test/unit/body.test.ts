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

const twice: [body: string, field: string][] = [
  ['{"amount":"1","amount":"999"}', "amount"],
  ['{"amount":"1","userId":"u","amount":"1"}', "amount"],
  ['{"amount":"1","\\u0061mount":"999"}', "amount"],
  ['{"a\\/b":1,"a/b":2}', "a/b"],
  ['{"\\ud83d\\ude00":1,"\u{1f600}":2}', "\u{1f600}"],
  ['{"":1,"":2}', '""'],
  ['{"__proto__":1,"__proto__":{"a":1}}', "__proto__"],
  ['{"atomic":true,"operations":[],"atomic":false}', "atomic"],
  ['{"operations":[{"amount":"1"},{"kind":"x","amount":"1","amount":"2"}]}', "operations[1].amount"],
  ['{"a":{"b":[[{"c":{"d":1,"d":1}}]]}}', "a.b[0][0].c.d"],
  ['{"a":{"b":1},"a":2}', "a"],
  ['[{"a":":","a":1}]', "[0].a"],
  [`{"${"x".repeat(200)}":1,"${"x".repeat(200)}":2}`, `${"x".repeat(99)}\u2026`],
];

test.each(twice)("a name given twice in one object is refused by its place: %p", async (body, field) => {
  await expect(read(body)).rejects.toMatchObject({
    code: "invalid_request",
    details: { extensions: { errors: [{ field, message: "is given twice" }] } },
  });
});

test("a name may be given once in each of several objects, and again as a value or in other case", async () => {
  const bodies = [
    '{"a":{"a":{"a":"a"}},"A":1}',
    '[{"a":1},{"a":1},["a","a"]]',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"b\\":1}"}',
    '{"__proto__":1,"constructor":2,"toString":3,"1":4}',
    '{"a:a:a":":::","\\u003a":"\\\\"}',
    '{"\u0439":1,"\u0438\u0306":2}',
  ];
  for (const body of bodies) expect(await read(body)).toEqual(JSON.parse(body));
});
