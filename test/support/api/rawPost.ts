import { mintToken } from "../../../scripts/keys.ts";
import type { Answer } from "./client.ts";

const token = await mintToken();

/** POSTs this body verbatim as JSON and waits for the outcome. A stream is sent in chunks, without Content-Length. */
export async function rawPost(
  url: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  key: string = crypto.randomUUID(),
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": key,
      prefer: "wait=30",
      ...headers,
    },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
