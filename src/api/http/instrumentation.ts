import { Elysia } from "elysia";

/** Hears of every request that was answered. `route` is a template, and undefined where none was reached. */
export type OnAnswered = (method: string, route: string | undefined, status: number, seconds: number) => void;

/** Answers requests in its own way, around `handle`, and hears which route each has reached. */
export type RequestTracer = {
  request(request: Request, handle: () => Promise<Response>): Promise<Response>;
  reached(method: string, route: string): void;
};

/** Lets `tracer` have every request of the application that uses it. To be used before the routes. */
export function httpTracing(tracer: RequestTracer) {
  return (
    new Elysia({ name: "request-tracing" })
      // The framework types what answers a request as any function.
      .wrap((handle) => (request: Request) => tracer.request(request, async () => (await handle(request)) as never))
      .onTransform({ as: "global" }, ({ request, route }) => tracer.reached(request.method, route))
  );
}

/** Times every request of the application that uses it. To be used before the routes. */
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
