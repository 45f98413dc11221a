/** A span in OTLP's JSON form, reduced to the fields that tests read. */
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

/** An OTLP/HTTP collector for JSON on a free port. It keeps every span, and every request as text. */
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
