import { t } from "elysia";
import { MONTH_PATTERN } from "../../ledger/months.ts";
import { Time } from "../fields.ts";

const exact = { additionalProperties: false };

const Month = t.String({
  pattern: MONTH_PATTERN,
  description: "A calendar month in the time zone of the reports.",
  examples: ["2026-10"],
  error: 'must be a month like "2026-10"',
});

export const ReportQuery = t.Object({ month: Month }, exact);

export const RevenueReport = t.Object(
  {
    month: Month,
    status: t.Union([t.Literal("final"), t.Literal("provisional")], {
      description:
        "`final` once the month is closed: the report then never changes. The current month is `provisional`.",
    }),
    url: t.String({
      description: "A link to the file. It needs no token, and is valid for an hour unless configured otherwise.",
      examples: ["http://localhost:3000/v1/reports/revenue/2026-10.csv?expires=1793530800&signature=…"],
    }),
    sha256: t.Union([t.String({ pattern: "^[0-9a-f]{64}$" }), t.Null()], {
      description: "The SHA-256 of the file, in hexadecimal; null while provisional.",
      examples: ["6bdd2ef0ad48c44b5a45e0df1a8ba6cbcdc9e1df4b4b0d7b6ee4a1c3d3d7b1ff"],
    }),
    total: t.String({
      pattern: "^-?[0-9]+\\.[0-9]{2}$",
      description: "The revenue of all services less the refunds; negative where refunds exceed it.",
      examples: ["1500.00"],
    }),
    generatedAt: Time,
  },
  { title: "RevenueReport" },
);

export const ReportFilePath = t.Object({
  file: t.String({ description: "The month, followed by `.csv`.", examples: ["2026-10.csv"] }),
});

/** Optional in the schema: a missing or wrong parameter is `403 link_invalid`, not `400`. */
export const ReportFileQuery = t.Object(
  {
    expires: t.Optional(t.String({ description: "When the link expires, in seconds since 1970." })),
    signature: t.Optional(t.String({ description: "The signature of the link." })),
  },
  exact,
);

export const ReportFile = t.String({
  contentMediaType: "text/csv",
  description: "One line for each service: its name, or its id if it has none, and its revenue.",
  examples: ["Ad promotion;1500.00\n"],
});
