import { t } from "elysia";
import { Money, Time, UserId } from "../fields.ts";
import { Instant } from "../period.ts";

export const BalancePath = t.Object({ userId: UserId });

export const BalanceQuery = t.Object(
  {
    consistency: t.Optional(
      t.Literal("strong", {
        description: "`strong` reads the ledger, never the cache.",
        error: "must be strong, or omitted",
      }),
    ),
    at: t.Optional(
      Instant(
        "The balance as of the last entry before this time, from the ledger. Not in the future.",
        "2026-11-01T00:00:00+03:00",
      ),
    ),
  },
  { additionalProperties: false },
);

export const UserBalance = t.Object(
  {
    userId: UserId,
    available: Money,
    reserved: Money,
    version: t.Integer({
      description: "The number of entries of the account up to this balance; 0 before the first.",
      examples: [7],
    }),
    currency: t.String({ description: "The currency of all amounts.", examples: ["RUB"] }),
    asOf: Time,
    source: t.Union([t.Literal("cache"), t.Literal("ledger")], {
      description: "The store that the balance was read from.",
    }),
  },
  { title: "Balance", description: "The balance at the time `asOf`." },
);
