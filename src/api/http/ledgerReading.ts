import { Problem } from "./problems.ts";

/** What the ledger says. @throws Problem `ledger_unavailable` where it says nothing */
export async function orUnavailable<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (cause) {
    throw new Problem("ledger_unavailable", { cause });
  }
}
