import { TimeoutError, withTimeout } from "../../lib/timeout.ts";
import { Problem } from "./problems.ts";
import { refuseRepeatedName } from "./repeatedNames.ts";

const BODY_BYTES_MAX = 1024 * 1024;

/** Enough for the largest body at a hundred kilobytes a second. */
const BODY_TIMEOUT_MS = 10_000;

/** Ten times the depth of a batch. Validators recurse, and some thousand levels would overflow the stack. */
const DEPTH_MAX = 32;

const BYTE = {
  quote: 0x22,
  backslash: 0x5c,
  colon: 0x3a,
  openArray: 0x5b,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
};

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** No content coding. */
const IDENTITY = /^(identity)?$/i;

const JSON_TYPE = /^application\/json *(;|$)/i;

/** Refuses a body by its Content-Length, before any other work on the request. */
export function assertDeclaredLength(headers: Headers): void {
  if (Number(headers.get("content-length")) > BODY_BYTES_MAX) throw new Problem("body_too_large");
}

/**
 * The hooks of a route with a JSON body. They read it after its token, its scope and its rate have been checked.
 *
 * The framework parses a body before it runs other hooks. So its parser leaves the body alone.
 */
export const jsonBody = {
  parse: () => null,
  async transform(context: { request: Request; body: unknown }): Promise<void> {
    context.body = await readJson(context);
  },
};

/** Whether the request has a body that was not read. The rest of it may still arrive. */
export function hasUnreadBody({ headers, bodyUsed }: Request): boolean {
  return !bodyUsed && (headers.has("transfer-encoding") || Number(headers.get("content-length")) > 0);
}

/**
 * Reads a JSON body. After ten seconds a timeout ends it, so that a slow sender cannot hold a connection.
 *
 * A chunked body declares no length, so its bytes are counted as they arrive. Invalid UTF-8 is refused; Bun's own
 * reader would replace it by other characters. A name that is given twice in one object is refused, since only the last
 * value would count. An empty body is a request without fields.
 *
 * @throws Problem `invalid_request`, `body_too_large`, `unsupported_media_type`
 */
export async function readJson({ request }: { request: Request }): Promise<unknown> {
  if (!IDENTITY.test(request.headers.get("content-encoding") ?? "")) {
    throw unsupported("Content-Encoding", "must be identity or absent");
  }
  const bytes = await withTimeout("The body", BODY_TIMEOUT_MS, readBytes(request)).catch(refuseUnread);
  if (bytes.byteLength === 0) return {};
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw unsupported("Content-Type", "must be application/json");
  }
  const { depth, names } = measure(bytes);
  if (depth > DEPTH_MAX) {
    throw new Problem("invalid_request", {
      detail: `The body has arrays or objects nested more than ${DEPTH_MAX} deep.`,
    });
  }
  const { text, value } = parse(bytes);
  if (countNames(value) < names) refuseRepeatedName(text);
  return value;
}

function unsupported(field: string, message: string): Problem {
  return new Problem("unsupported_media_type", { extensions: { errors: [{ field, message }] } });
}

function parse(bytes: Uint8Array): { text: string; value: unknown } {
  try {
    const text = UTF_8.decode(bytes);
    return { text, value: JSON.parse(text) };
  } catch {
    throw new Problem("invalid_request", { detail: "The body is not valid JSON in UTF-8." });
  }
}

function readBytes(request: Request): Promise<Uint8Array> {
  return request.headers.has("content-length") ? request.bytes() : readBounded(request.body);
}

/** Closes the connection: the rest of the body may still arrive, but is not read. */
const CLOSE = { connection: "close" };

function refuseUnread(error: unknown): never {
  if (error instanceof Problem) throw error;
  const detail =
    error instanceof TimeoutError
      ? `The body did not arrive within ${BODY_TIMEOUT_MS / 1_000} seconds.`
      : "The body is incomplete.";
  throw new Problem("invalid_request", { detail, headers: CLOSE });
}

/**
 * The number of names in the objects of the body. `depth` exceeds the maximum where the body is nested too deep.
 *
 * Counts open brackets and colons outside of strings. In UTF-8, no byte of a longer character equals one of them.
 */
function measure(bytes: Uint8Array): { depth: number; names: number } {
  let depth = 0;
  let names = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BYTE.backslash) at += 1;
    else if (byte === BYTE.quote) inString = !inString;
    else if (inString) continue;
    else if (byte === BYTE.colon) names += 1;
    else if (byte === BYTE.closeArray || byte === BYTE.closeObject) depth -= 1;
    else if (byte === BYTE.openArray || byte === BYTE.openObject) {
      depth += 1;
      if (depth > DEPTH_MAX) break;
    }
  }
  return { depth, names };
}

/** The number of names in the objects of a parsed body. A name that was given twice counts once. */
function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) {
    for (const element of value) names += countNames(element);
  } else {
    for (const name in value) names += 1 + countNames((value as Record<string, unknown>)[name]);
  }
  return names;
}

async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Problem("body_too_large", { headers: CLOSE });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
