import { afterAll, beforeAll } from "bun:test";
import { createWorkbench, quietenTemporal, type Workbench } from "./workbench.ts";

/** A workbench for all tests of a file. It has its members from the first test on. */
export function useWorkbench(): Workbench {
  const bench = {} as Workbench;
  beforeAll(async () => {
    quietenTemporal();
    Object.assign(bench, await createWorkbench());
  }, 60_000);
  afterAll(() => bench[Symbol.asyncDispose](), 30_000);
  return bench;
}
