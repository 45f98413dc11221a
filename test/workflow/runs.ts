import type { WorkflowHandle } from "@temporalio/client";
import type { Activities } from "../../src/activities/index.ts";
import type { Operation } from "../../src/ledger/operations.ts";
import { searchValues } from "../../src/workflows/display.ts";
import { carried, countsOf } from "../support/activities/carried.ts";
import { createHeldMoney, type HeldMoney } from "../support/workflows/heldMoney.ts";
import { storeError, type Workbench } from "../support/workflows/workbench.ts";

/** Runs by history name. Each leads a workflow to its end or to the wait at which it is recorded. */
export type Runs = Record<string, (bench: Workbench) => Promise<WorkflowHandle>>;

/** A post that declines all operations. */
export const declining: Activities["post"] = async (_, { operations }) =>
  carried({ counts: countsOf(operations, "insufficient_funds"), found: searchValues(operations) });

export async function startSaga(
  bench: Workbench,
  list: Operation[],
  overrides: Partial<Activities> = {},
  money: HeldMoney = createHeldMoney(),
) {
  const { handle } = await bench.startSaga(list, { ...money.activities, ...overrides });
  return { handle, money, list };
}

export async function finish(
  run: Promise<{ handle: WorkflowHandle }> | { handle: WorkflowHandle },
): Promise<WorkflowHandle> {
  const { handle } = await run;
  await handle.result();
  return handle;
}

/** The activity, which fails on its first `times` calls. */
export function failing<Activity extends Activities[keyof Activities]>(
  times: number,
  message: string,
  activity: Activity,
): Activity {
  let attempts = 0;
  const flaky = (...args: never[]) => {
    attempts += 1;
    return attempts <= times
      ? Promise.reject(storeError(message))
      : (activity as (...args: never[]) => unknown)(...args);
  };
  return flaky as Activity;
}
