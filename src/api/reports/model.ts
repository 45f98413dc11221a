import { t } from "elysia";
import { MONTH_PATTERN } from "../../ledger/months.ts";
import { Currency, Time } from "../fields.ts";

const exact = { additionalProperties: false };

const Month = t.String({
  title: "Month",
  pattern: MONTH_PATTERN,
  description: "A calendar month in the time zone of the reports.",
  examples: ["2026-10"],
  error: 'must be a month like "2026-10"',
});

export const RevenueQuery = t.Object(
  {
    month: Month,
    detail: t.Optional(
      t.Literal("orders", {
        description: "With `orders`, the file has one line for each recognition and refund.",
        examples: ["orders"],
        error: 'must be "orders"',
      }),
    ),
  },
  exact,
);

export const BalancesQuery = t.Object({ month: Month }, exact);

const Sum = (description: string, example: string) =>
  t.String({ pattern: "^-?[0-9]+\\.[0-9]{2}$", description, examples: [example] });

/** The fields that all reports have. */
const report = (path: string) => ({
  month: Month,
  status: t.Union([t.Literal("final"), t.Literal("provisional")], {
    title: "ReportStatus",
    description: "`final` once the month is closed: the report then never changes. The current month is `provisional`.",
  }),
  url: t.String({
    description: "A link to the file. It needs no token, and is valid for an hour unless configured otherwise.",
    examples: [`http://localhost:3000/v1/reports/${path}?expires=1793530800&signature=…`],
  }),
  sha256: t.Union([t.String({ pattern: "^[0-9a-f]{64}$" }), t.Null()], {
    title: "Sha256",
    description: "The SHA-256 of the file, in hexadecimal; null while provisional.",
    examples: ["6bdd2ef0ad48c44b5a45e0df1a8ba6cbcdc9e1df4b4b0d7b6ee4a1c3d3d7b1ff"],
  }),
  generatedAt: Time,
});

export const RevenueReport = t.Object(
  {
    ...report("revenue/2026-10.csv"),
    total: Sum("The revenue of all services less the refunds; negative where refunds exceed it.", "1500.00"),
  },
  { title: "RevenueReport" },
);

const Owed = t.Object(
  {
    available: Sum("Free to spend.", "800.00"),
    reserved: Sum("Reserved for orders.", "200.00"),
    total: Sum("Both together.", "1000.00"),
  },
  { title: "Owed", description: "The money owed to all users." },
);

export const BalancesReport = t.Object(
  {
    ...report("balances/2026-10.csv"),
    currency: Currency,
    opening: Owed,
    deposits: Sum("Deposited in the month.", "2500.00"),
    withdrawals: Sum("Withdrawn in the month.", "400.00"),
    revenue: Sum("Recognized in the month, refunds not deducted.", "1520.00"),
    refunds: Sum("Refunded in the month.", "20.00"),
    closing: Owed,
  },
  { title: "BalancesReport", description: "closing = opening + deposits − withdrawals − revenue + refunds." },
);

export const ReportFilePath = t.Object({
  file: t.String({
    description: "The month, followed by `.csv`; of orders by `-orders.csv`.",
    examples: ["2026-10.csv"],
  }),
});

/** Optional in the schema: a missing or wrong parameter is `403 link_invalid`, not `400`. */
export const ReportFileQuery = t.Object(
  {
    expires: t.Optional(t.String({ description: "When the link expires, in seconds since 1970." })),
    signature: t.Optional(t.String({ description: "The signature of the link." })),
  },
  exact,
);

export const RevenueFile = t.String({
  contentMediaType: "text/csv",
  description:
    "One line for each service: its name, or its id if it has none, and its revenue. Of orders, a header and one line for each recognition and refund.",
  examples: ["Ad promotion;1500.00\n"],
});

export const BalancesFile = t.String({
  contentMediaType: "text/csv",
  description: "A header, and one line with the balances and movements of the month.",
  examples: [
    "month;opening available;opening reserved;deposits;withdrawals;revenue;refunds;closing available;closing reserved\n2026-10;800.00;200.00;2500.00;400.00;1520.00;20.00;1300.00;300.00\n",
  ],
});
