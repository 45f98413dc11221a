/** A span as OTLP tells it in JSON, as far as it is read here. */
export type CollectedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes?: { key: string; value: object }[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number; message?: string };
};

type Export = { resourceSpans: { scopeSpans: { spans: CollectedSpan[] }[] }[] };

/** A collector of OTLP over HTTP in JSON, on a port of its own, which remembers every span, and everything that it was sent as text. */
export function startCollector() {
  const spans: CollectedSpan[] = [];
  const texts: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const text = await request.text();
      texts.push(text);
      const { resourceSpans } = JSON.parse(text) as Export;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      return Response.json({});
    },
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    spans,
    texts,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
