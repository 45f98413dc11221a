import { Elysia, t } from "elysia";
import { answer } from "../openapi/responses.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** GET /metrics. `scrape` returns its body and never fails. */
export function metrics(scrape: () => Promise<string>) {
  return new Elysia().get(
    "/metrics",
    async ({ set }) => {
      set.headers["content-type"] = CONTENT_TYPE;
      return await scrape();
    },
    {
      response: {
        200: answer(
          t.String({
            contentMediaType: "text/plain",
            examples: [
              '# TYPE saldo_operations_total counter\nsaldo_operations_total{kind="transfer",outcome="completed"} 7\n',
            ],
          }),
        ),
      },
      detail: {
        operationId: "getMetrics",
        security: [],
        tags: ["Health"],
        summary: "Read the metrics in the Prometheus text format",
      },
    },
  );
}
