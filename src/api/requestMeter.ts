import { Elysia } from "elysia";

/** Hears of every request that was answered. `route` is a template, and undefined where none was reached. */
export type OnAnswered = (method: string, route: string | undefined, status: number, seconds: number) => void;

/** Times every request of the application that uses it. To be used before the routes. */
export function requestMeter(onAnswered: OnAnswered) {
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
