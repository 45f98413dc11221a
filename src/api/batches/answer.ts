import { t } from "elysia";
import { oneOf } from "../openapi/components.ts";
import { AcceptedOperation, CompletedOperation, DeclinedOperation, MismatchedOperation } from "../operations/model.ts";

export const BatchAnswer = t.Object(
  {
    workflowId: t.String({ description: "The workflow that carries, or carried, the batch." }),
    links: t.Object(
      { temporal: t.String({ description: "The workflow in the Temporal Web UI." }) },
      { title: "BatchLinks" },
    ),
    operations: t.Array(
      oneOf("BatchedOperation", AcceptedOperation, CompletedOperation, DeclinedOperation, MismatchedOperation),
      { description: "In the order of the request." },
    ),
  },
  { title: "BatchAnswer" },
);
