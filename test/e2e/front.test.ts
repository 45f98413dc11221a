import { afterAll, beforeAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { ensureTools, runTool } from "../../scripts/stack/tools.ts";
import { stack } from "../support/api/client.ts";
import { availableOf } from "../support/api/funds.ts";
import { rawPost } from "../support/api/rawPost.ts";
import { parseAnswer, sendRaw } from "../support/api/rawRequest.ts";
import { openCutOffPage } from "../support/browser/page.ts";
import { signIn } from "../support/console/consolePage.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Front, startFront } from "../support/stack/front.ts";
import { readServiceLog } from "../support/stack/serviceLog.ts";
import { eventually } from "../support/waiting.ts";

const token = await mintToken();
let front: Front;

beforeAll(async () => {
  front = await startFront();
}, 300_000);

afterAll(async () => {
  await front[Symbol.asyncDispose]();
});

const HEAD = ["Host: saldo.example", `Authorization: Bearer ${token}`, "Content-Type: application/json"];
const declared = (text: string) => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
const chunked = (text: string, end = "\r\n") =>
  `Transfer-Encoding: chunked\r\n\r\n3\r\n${text.slice(0, 3)}\r\n` +
  `${Buffer.byteLength(text.slice(3)).toString(16)}\r\n${text.slice(3)}\r\n0\r\n${end}`;

/** The text of a deposit; `rest` ends its headers and adds its body. */
const deposit = (rest: string, ...headers: string[]) =>
  `POST /v1/deposits HTTP/1.1\r\n${[...HEAD, `Idempotency-Key: ${crypto.randomUUID()}`, ...headers].join("\r\n")}\r\n${rest}`;

const bodyOf = (userId: string) => JSON.stringify({ userId, amount: "1.00" });
const statusesIn = (answers: string) => [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
const send = (text: string, drop?: string) => sendRaw(text, drop, front.port);

/** Sends a deposit that is refused, and expects the front's own problem document. */
async function expectRefused(text: string, status: number, code: string): Promise<void> {
  const answer = parseAnswer(await send(text));
  expect(JSON.parse(answer.body)).toMatchObject({ type: `urn:saldo:problem:${code}`, status, code, retryable: false });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  expect(answer.headers.get("x-request-id")).toBeTruthy();
}

test("bodies with a trailer, in chunks or with line breaks behind them are booked once each", async () => {
  const userId = uniqueUserId();
  const text = bodyOf(userId);
  const endings = [
    chunked(text, "X-Trailer: 1\r\n\r\n"),
    chunked(text),
    chunked(text, "\r\n\r\n"),
    `${declared(text)}\r\n`,
  ];
  for (const rest of endings) {
    // The next request on the same connection shows that it was read to its end.
    const answers = await send(`${deposit(rest)}${deposit(declared(text), "Connection: close")}`);
    expect([rest, statusesIn(answers)]).toEqual([rest, ["200", "200"]]);
  }
  expect(await availableOf(userId)).toBe("8.00");
});

test("pipelined requests are answered in their order and booked once each", async () => {
  const userId = uniqueUserId();
  const [first, last] = [deposit(declared(bodyOf(userId))), deposit(chunked(bodyOf(userId)), "Connection: close")];
  const read = `GET /v1/users/${userId}/balance?consistency=strong HTTP/1.1\r\n${HEAD.join("\r\n")}\r\n\r\n`;
  const answers = await send(`${first}${read}${last}`);
  expect(statusesIn(answers)).toEqual(["200", "200", "200"]);
  const shown = [...answers.matchAll(/"available":"([\d.]+)"/g)].map(([, available]) => available);
  expect(shown).toEqual(["1.00", "1.00", "2.00"]);
});

test("two Hosts, two lengths, a length with chunks and broken chunks are refused, and nothing is booked", async () => {
  const userId = uniqueUserId();
  const text = bodyOf(userId);
  const faults = [
    deposit(declared(text), "Host: other.example"),
    deposit(declared(text)).replace("Host: saldo.example\r\n", ""),
    deposit(declared(text), "Content-Length: 1"),
    deposit(chunked(text), `Content-Length: ${text.length}`),
    deposit(chunked(text).replace("\r\n3\r\n", "\r\nx\r\n")),
    deposit(declared(text), "Transfer-Encoding: gzip"),
    deposit(declared(text), `X-Large: ${"x".repeat(20_000)}`),
  ];
  for (const text of faults) await expectRefused(text, 400, "invalid_request");
  expect(await availableOf(userId)).toBeUndefined();
});

test("a body beyond 1 MiB is refused in Saldo's form, and one of exactly 1 MiB reaches Saldo", async () => {
  const userId = uniqueUserId();
  await expectRefused(deposit(declared(bodyOf(userId).padEnd(2 ** 20 + 1))), 413, "body_too_large");
  const largest = await rawPost(`${front.origin}/v1/deposits`, bodyOf(userId).padEnd(2 ** 20));
  expect(largest.status).toBe(200);
  expect(await availableOf(userId)).toBe("1.00");
});

test("a body slower than Saldo's own limit is booked, and one that never ends does not reach Saldo", async () => {
  const [slow, unfinished] = [uniqueUserId(), uniqueUserId()];
  const text = bodyOf(slow);
  // 12 seconds at 5 bytes a second; the service itself gives a body 10.
  const padding = 60;
  const head = deposit(`Content-Length: ${text.length + padding}\r\n\r\n${text}`, "Connection: close");
  const [answer, closed] = await Promise.all([
    send(head, " "),
    send(deposit(`Content-Length: 1000\r\n\r\n${bodyOf(unfinished)}`)),
  ]);
  expect(statusesIn(answer)).toEqual(["200"]);
  expect(closed).toBe("");
  expect(await availableOf(slow)).toBe("1.00");
  expect(await availableOf(unfinished)).toBeUndefined();
}, 60_000);

test("the metrics are not reached through the front, however their path is written", async () => {
  for (const path of [
    "/metrics",
    "/metrics/",
    "//metrics",
    "/%6detrics",
    "/x/../metrics",
    "/metrics?x=1",
    "/metrics%2F",
  ]) {
    const answer = parseAnswer(await send(`GET ${path} HTTP/1.1\r\n${HEAD.join("\r\n")}\r\nConnection: close\r\n\r\n`));
    expect([path, answer.status, JSON.parse(answer.body).code]).toEqual([path, 404, "not_found"]);
  }
  expect((await fetch(`${front.origin}/readyz`)).status).toBe(200);
});

test("a request id goes on, and neither log shows a token or a link's signature", async () => {
  const requestId = crypto.randomUUID();
  const headers = { authorization: `Bearer ${token}`, "x-request-id": requestId };
  const report = await fetch(`${front.origin}/v1/reports/revenue?month=2016-02`, { headers });
  expect([report.status, report.headers.get("x-request-id")]).toEqual([200, requestId]);
  const { url } = (await report.json()) as { url: string };
  const link = new URL(url);
  const given = await fetch(`${front.origin}${link.pathname}${link.search}`);
  expect([given.status, given.headers.get("x-request-id")]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
  const log = await eventually(async () => {
    const text = await front.log();
    return text.includes(given.headers.get("x-request-id")!) && text;
  });
  const lines = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.find((line) => line.requestId === requestId)).toMatchObject({
    path: "/v1/reports/revenue",
    status: 200,
  });
  const serviceLog = await readServiceLog();
  for (const secret of [link.searchParams.get("signature")!, token]) {
    expect([log.includes(secret), serviceLog.includes(secret)]).toEqual([false, false]);
  }
});

test("headers go on unchanged, and chunks become a body with a length", async () => {
  const seen: Headers[] = [];
  await using upstream = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ headers }) {
      seen.push(headers);
      return Response.json({});
    },
  });
  await using before = await startFront({ upstreams: [upstream.port!] });
  const given = {
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    prefer: "wait=30, respond-async",
    "idempotency-key": crypto.randomUUID(),
    "x-request-id": "mine",
  };
  const headers = Object.entries(given).map(([name, value]) => `${name}: ${value}`);
  const text = chunked(bodyOf("alice"), "X-Trailer: 1\r\n\r\n");
  const request = ["POST /v1/deposits HTTP/1.1", ...HEAD, ...headers, "Connection: close", text].join("\r\n");
  expect(statusesIn(await sendRaw(request, undefined, before.port))).toEqual(["200"]);
  const received = seen[0]!;
  expect(Object.fromEntries(received)).toMatchObject({
    ...given,
    authorization: `Bearer ${token}`,
    host: "saldo.example",
    "content-length": `${bodyOf("alice").length}`,
  });
  for (const name of ["transfer-encoding", "x-trailer", "connection"])
    expect([name, received.get(name)]).toEqual([name, null]);
});

test("a process that refuses or breaks connections costs no request, and the key keeps it one operation", async () => {
  let broken = 0;
  using breaking = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        broken += 1;
        socket.terminate();
      },
    },
  });
  await using both = await startFront({ upstreams: [breaking.port, stack.ports.api] });
  const userId = uniqueUserId();
  for (let count = 1; count <= 4; count += 1) {
    const answer = await rawPost(`${both.origin}/v1/deposits`, bodyOf(userId));
    expect([answer.status, answer.body.balance.available]).toEqual([200, `${count}.00`]);
  }
  expect(broken).toBeGreaterThan(0);

  // As in Kubernetes: the one address of the Service, listed twice.
  const before = broken;
  await using twice = await startFront({ upstreams: [breaking.port, breaking.port] });
  const answer = await rawPost(`${twice.origin}/v1/deposits`, bodyOf(userId));
  expect(broken - before).toBe(2);
  expect(answer.body).toMatchObject({ code: "outcome_unknown", instance: "/v1/deposits", retryable: true });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
});

test("the compose deployment's listener answers over TLS with the certificate of its secrets", async () => {
  const settings = await Bun.file(`${rootDirectory}/deploy/front/compose/listen.conf`).text();
  await using tls = await startFront({
    scheme: "https",
    async listen(port, folder) {
      await ensureTools("openssl");
      const [certificate, key] = [`${folder}/front_certificate`, `${folder}/front_key`];
      const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      await runTool(["openssl", ...request, "-subj", "/CN=saldo.example", "-keyout", key, "-out", certificate]);
      return settings.replace("listen 8443", `listen 127.0.0.1:${port}`).replaceAll("/run/secrets", folder);
    },
  });
  const { status } = await fetch(`${tls.origin}/readyz`, { tls: { rejectUnauthorized: false } });
  expect(status).toBe(200);
});

test("the console works through the front, with the metrics for a token only", async () => {
  expect((await fetch(`${front.origin}/console/metrics`)).status).toBe(401);
  await using browser = await openCutOffPage();
  const { page } = browser;
  await signIn(page, front.origin, token, "#/health");
  await page.getByText("Refreshed at").waitFor();
  await page.getByText("Overdue reservations").waitFor();
  await page.locator(".parts li", { hasText: "PostgreSQL" }).getByText("Up").waitFor();
  expect([browser.leaving, browser.errors]).toEqual([[], []]);
}, 60_000);
