import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { apiUrl, get, post } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";
import { rawPost } from "../support/api/rawPost.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const MEBIBYTE = 1024 * 1024;

test("an unknown route is a 404 problem", async () => {
  for (const path of ["/", "/v1", "/v1/nothing", "/v2/deposits", "/V1/deposits", "/v1/users/alice"]) {
    expectProblem(await get(path), "not_found", path);
  }
});

test("a path never leads to a file", async () => {
  for (const path of ["/swagger/../package.json", "/swagger/..%2f..%2fpackage.json", "/swagger/index.js", "/.env"]) {
    expect((await get(path)).status).toBe(404);
  }
});

test("HEAD is answered wherever GET is, with its status and headers and without the body", async () => {
  const headers = { authorization: `Bearer ${await mintToken()}` };
  for (const path of ["/healthz", "/swagger", "/v1/services", "/v1/services?x=1", "/v1/users/nobody/balance", "/x"]) {
    const got = await get(path);
    const head = await fetch(apiUrl + path, { method: "HEAD", headers });
    const type = got.headers.get("content-type");
    expect([path, head.status, head.headers.get("content-type")]).toEqual([path, got.status, type]);
    expect([path, await head.text()]).toEqual([path, ""]);
  }
});

/** A deposit of exactly this many bytes. Its comment is invalid unless it is short. */
function bodyOf(bytes: number): string {
  const [head, tail] = [`{"userId":"${uniqueUserId()}","amount":"1.00","comment":"`, `"}`];
  return head + "x".repeat(bytes - head.length - tail.length) + tail;
}

test("a body of up to 1 MiB is read, and a larger Content-Length is refused", async () => {
  expectProblem(await post("/v1/deposits", bodyOf(MEBIBYTE)), "invalid_request", "/v1/deposits", {
    errors: [{ field: "comment", message: expect.any(String) }],
  });
  for (const bytes of [MEBIBYTE + 1, 3 * MEBIBYTE]) {
    expectProblem(await post("/v1/deposits", bodyOf(bytes)), "body_too_large", "/v1/deposits");
  }
});

test("a chunked body without a Content-Length has the same limit", async () => {
  expectProblem(await rawPost(`${apiUrl}/v1/deposits`, inChunks(bodyOf(MEBIBYTE))), "invalid_request", "/v1/deposits", {
    errors: [{ field: "comment", message: expect.any(String) }],
  });
  for (const bytes of [MEBIBYTE + 1, 3 * MEBIBYTE]) {
    expectProblem(await rawPost(`${apiUrl}/v1/deposits`, inChunks(bodyOf(bytes))), "body_too_large", "/v1/deposits");
  }
  expect((await rawPost(`${apiUrl}/v1/deposits`, inChunks(bodyOf(200)))).status).toBe(200);
});

/** A body with Transfer-Encoding: chunked, without a declared length. */
function inChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(start, start + 50_000));
      start += 50_000;
      if (start >= bytes.length) controller.close();
    },
  });
}
