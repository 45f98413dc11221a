import { t } from "elysia";
import { Time } from "../fields.ts";
import { OperationInAnyState } from "../operations/model.ts";

const { code: _, status: __, createdAt: ___, ...fields } = OperationInAnyState.properties;

export const BatchAnswer = t.Object({
  workflowId: t.String({ description: "The workflow that carries, or carried, the batch." }),
  links: t.Object({ temporal: t.String({ description: "The workflow in the Temporal Web UI." }) }),
  operations: t.Array(
    t.Object({
      ...fields,
      status: t.Union(
        ["pending", "completed", "declined", "mismatched"].map((status) => t.Literal(status)),
        { description: "`mismatched`: the key was used for another request, and this one was not recorded." },
      ),
      code: t.Optional(t.String({ description: "The reason for `declined` or `mismatched`." })),
      differingFields: t.Optional(t.Array(t.String())),
      createdAt: t.Optional(Time),
    }),
    { description: "In the order of the request." },
  ),
});
