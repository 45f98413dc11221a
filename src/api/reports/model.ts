import { t } from "elysia";
import { MONTH_PATTERN } from "../../ledger/months.ts";
import { Time } from "../fields.ts";

const exact = { additionalProperties: false };

const Month = t.String({
  pattern: MONTH_PATTERN,
  description: "A calendar month of the time zone that Saldo reports in.",
  examples: ["2026-10"],
  error: 'must be a month like "2026-10"',
});

export const ReportQuery = t.Object({ month: Month }, exact);

export const RevenueReport = t.Object({
  month: Month,
  status: t.Union([t.Literal("final"), t.Literal("provisional")], {
    description:
      "Final once the month is closed: then nothing of it changes any more. The running month is provisional.",
  }),
  url: t.String({
    description: "Downloads the file, without a token, for an hour unless configured otherwise.",
    examples: ["http://localhost:3000/v1/reports/revenue/2026-10.csv?expires=1793530800&signature=…"],
  }),
  sha256: t.Union([t.String({ pattern: "^[0-9a-f]{64}$" }), t.Null()], {
    description: "Of the file's bytes, in hexadecimal; null while provisional.",
    examples: ["6bdd2ef0ad48c44b5a45e0df1a8ba6cbcdc9e1df4b4b0d7b6ee4a1c3d3d7b1ff"],
  }),
  total: t.String({
    pattern: "^-?[0-9]+\\.[0-9]{2}$",
    description: "What all services earned, less what was refunded: negative where more was.",
    examples: ["1500.00"],
  }),
  generatedAt: Time,
});

export const ReportFilePath = t.Object({
  file: t.String({ description: "The month, with `.csv` behind it.", examples: ["2026-10.csv"] }),
});

/** A parameter that is missing or wrong is no bad field: it is the link that is no good. */
export const ReportFileQuery = t.Object(
  {
    expires: t.Optional(t.String({ description: "When the link ends, in seconds since 1970." })),
    signature: t.Optional(t.String({ description: "What shows that Saldo made the link." })),
  },
  exact,
);

export const ReportFile = t.String({
  contentMediaType: "text/csv",
  description: "One line a service: its name, or else its id; and what it earned.",
  examples: ["Ad promotion;1500.00\n"],
});
