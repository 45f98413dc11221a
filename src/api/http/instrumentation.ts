import { Elysia } from "elysia";

/** Called after every response. `route` is a template, undefined where no route matched. */
export type OnAnswered = (method: string, route: string | undefined, status: number, seconds: number) => void;

/** Wraps the handling of each request, and receives the route that it reached. */
export type RequestTracer = {
  request(request: Request, handle: () => Promise<Response>): Promise<Response>;
  reached(method: string, route: string): void;
};

/** Traces every request of the application that uses it. It must be used before the routes. */
export function httpTracing(tracer: RequestTracer) {
  return (
    new Elysia({ name: "request-tracing" })
      // The framework types the handler as any function.
      .wrap((handle) => (request: Request) => tracer.request(request, async () => (await handle(request)) as never))
      .onTransform({ as: "global" }, ({ request, route }) => tracer.reached(request.method, route))
  );
}

/** Measures every request of the application that uses it. It must be used before the routes. */
export function httpMetrics(onAnswered: OnAnswered) {
  const startedAtMs = new WeakMap<Request, number>();
  return new Elysia({ name: "request-meter" })
    .onRequest(({ request }) => {
      startedAtMs.set(request, performance.now());
    })
    .onAfterResponse({ as: "global" }, ({ request, route, responseValue, set }) => {
      const status = responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200);
      const sinceMs = performance.now() - (startedAtMs.get(request) ?? performance.now());
      onAnswered(request.method, route || undefined, status, sinceMs / 1000);
    });
}
