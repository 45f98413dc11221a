import { t } from "elysia";
import { Money, Time, UserId } from "../fields.ts";

export const BalancePath = t.Object({ userId: UserId });

export const BalanceQuery = t.Object(
  {
    consistency: t.Optional(
      t.Literal("strong", {
        description: "`strong` reads the ledger, never the cache.",
        error: "must be strong, or omitted",
      }),
    ),
  },
  { additionalProperties: false },
);

export const UserBalance = t.Object(
  {
    userId: UserId,
    available: Money,
    reserved: Money,
    version: t.Integer({ description: "The number of entries of the account.", examples: [7] }),
    asOf: Time,
    source: t.Union([t.Literal("cache"), t.Literal("ledger")], {
      description: "The store that the balance was read from.",
    }),
  },
  { title: "Balance", description: "The balance at the time `asOf`." },
);
