import { afterAll, beforeAll, expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { processNames } from "../../scripts/stack/stack.ts";
import { workflowTrace } from "../../src/observability/tracing/workflowTrace.ts";
import { stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { readTopic } from "../support/kafka/topic.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type CollectedSpan, startCollector } from "../support/metrics/traceCollector.ts";
import { type Replicas, startReplicas } from "../support/stack/replicas.ts";
import { eventually } from "../support/waiting.ts";

const COMMENT = "a word between friends";
/** Spans are sent within a second, by a machine that may be busy. */
const COLLECTED_WITHIN_MS = 40_000;
const CALLER = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

let collector: ReturnType<typeof startCollector>;
let replicas: Replicas | undefined;
let origin: string;
let payer: string;
const token = await mintToken({});
const others = (["saldo", ...processNames] as const).filter((name) => stack.processes(name).length > 0);

/** Stops all other processes. Spans of work that they do for the traced one would be missing. */
beforeAll(async () => {
  payer = await userWith("10.00", "payer");
  collector = startCollector();
  replicas = await startReplicas(1, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  origin = replicas.origins[1]!;
  await Promise.all(others.map(stack.stop));
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
  await Promise.all(others.map(stack.start));
});

async function ask(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      prefer: "wait=10",
      ...headers,
    },
  });
  return (await response.json()) as { workflowId: string };
}

/** The spans of a trace, once spans with these names are among them. */
function awaitTrace(traceId: string, names: string[]): Promise<CollectedSpan[]> {
  return eventually(async () => {
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    return names.every((name) => spans.some((span) => span.name === name)) && spans;
  }, COLLECTED_WITHIN_MS);
}

/** The first span of this name. A step that a busy machine repeats has a span for each time. */
const first = (spans: CollectedSpan[], name: string) => spans.find((span) => span.name === name)!;
const idsOf = ({ traceId, spanId }: CollectedSpan) => ({ traceId, spanId });
const linksOf = ({ links = [] }: CollectedSpan) => links.map(({ traceId, spanId }) => ({ traceId, spanId }));

test("a transfer is traced from its caller to its carrier, the ledger's statements and its events", async () => {
  const toUserId = uniqueUserId("payee");
  const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
  const body = { fromUserId: payer, toUserId, amount: "4.00", comment: COMMENT };
  const { workflowId } = await ask("/v1/transfers", body, { traceparent });

  const request = first(await awaitTrace(CALLER.traceId, ["POST /v1/transfers"]), "POST /v1/transfers");
  expect(request.parentSpanId).toBe(CALLER.spanId);
  const { traceId, spanId } = workflowTrace(workflowId);
  expect(linksOf(request)).toEqual([{ traceId, spanId }]);

  const spans = await awaitTrace(traceId, ["start carrier", "post", "publish events"]);
  const start = first(spans, "start carrier");
  expect(start.spanId).toBe(spanId);
  expect(linksOf(start)).toEqual([idsOf(request)]);
  const post = first(spans, "post");
  expect(post.parentSpanId).toBe(spanId);
  const statements = spans.filter((span) => span.parentSpanId === post.spanId).map(({ name }) => name);
  expect(statements).toEqual(expect.arrayContaining(["begin", "lock-accounts", "insert-outbox", "commit"]));
  const publications = spans.filter(({ name }) => name === "publish events");
  const posts = spans.filter(({ name }) => name === "post").map((one) => one.spanId);
  expect(posts).toContain(publications[0]!.parentSpanId!);

  const messages = await readTopic([toUserId]);
  const traceparents = publications.map((publication) => `00-${traceId}-${publication.spanId}-01`);
  expect(traceparents).toContain(messages[0]!.headers.traceparent!);
  expect(messages[0]!.value).not.toContain("trace");
  // The account was funded without tracing.
  const funding = (await readTopic([payer])).filter(({ value }) => value.includes("deposit"));
  expect(new Set(funding.map(({ headers }) => "traceparent" in headers))).toEqual(new Set([false]));
});

test("requests link to the trace of their shared carrier, and its start links to those in its input", async () => {
  const traceIds = Array.from({ length: 30 }, () => crypto.randomUUID().replaceAll("-", ""));
  const crowd = await Promise.all(
    traceIds.map((traceId) =>
      ask(
        "/v1/deposits",
        { userId: uniqueUserId("payer"), amount: "1.00" },
        { traceparent: `00-${traceId}-${CALLER.spanId}-01` },
      ),
    ),
  );
  for (const [index, { workflowId }] of crowd.entries()) {
    const name = "POST /v1/deposits";
    const request = first(await awaitTrace(traceIds[index]!, [name]), name);
    const { traceId, spanId } = workflowTrace(workflowId);
    expect(linksOf(request)).toEqual([{ traceId, spanId }]);
  }
  const workflowIds = new Set(crowd.map(({ workflowId }) => workflowId));
  expect(workflowIds.size).toBeLessThan(30);
  const links = await Promise.all(
    [...workflowIds].map(async (workflowId) => {
      const { traceId } = workflowTrace(workflowId);
      return linksOf(first(await awaitTrace(traceId, ["start carrier"]), "start carrier"));
    }),
  );
  expect(Math.min(...links.map(({ length }) => length))).toBeGreaterThan(0);
  expect(links.flat().filter(({ traceId }) => !traceIds.includes(traceId))).toEqual([]);
  expect(Math.max(...links.map(({ length }) => length))).toBeLessThanOrEqual(20);
  expect(new Set(links.flat().map(({ traceId }) => traceId)).size).toBe(links.flat().length);
});

test("a refused request has a span by its route, and probes have none", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4737";
  const traceparent = `00-${traceId}-${CALLER.spanId}-01`;
  for (const path of ["healthz", "readyz", "metrics"]) await fetch(`${origin}/${path}`, { headers: { traceparent } });
  await ask("/v1/deposits", { userId: "payer", amount: "none" }, { traceparent });
  const spans = await awaitTrace(traceId, ["POST /v1/deposits"]);
  const status = { key: "http.response.status_code", value: { intValue: 400 } };
  expect(spans.map(({ attributes }) => attributes)).toEqual([expect.arrayContaining([status])]);
});

test("spans contain no tokens, no texts of callers and no users", () => {
  const texts = collector.texts.join();
  expect(texts).toContain("lock-accounts");
  for (const secret of [token, COMMENT, "payer", "payee"]) expect(texts).not.toContain(secret);
});
