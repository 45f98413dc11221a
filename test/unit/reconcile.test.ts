import { expect, test } from "bun:test";
import { type ReconcilePorts, reconcile } from "../../src/commands/reconcile.ts";
import type { OpenSaga } from "../../src/postgres/reading/openSagas.ts";

const sagaOf = (workflowId: string): OpenSaga => ({ workflowId, userIds: [], orderIds: [], reservationIds: [] });

/** Open sagas of the ledger, in pages of two, and the sagas in Temporal. */
function createPorts(open: string[], listed: string[], running = listed) {
  const calls = { started: [] as string[], woken: [] as string[] };
  const ports: ReconcilePorts = {
    listRunningSagas: async () => new Set(listed),
    readOpenSagas: async (after) =>
      open
        .filter((id) => id > after)
        .slice(0, 2)
        .map(sagaOf),
    async startSaga({ workflowId }) {
      if (running.includes(workflowId)) return false;
      calls.started.push(workflowId);
      return true;
    },
    async wakeSaga(workflowId) {
      calls.woken.push(workflowId);
    },
  };
  return { ports, calls };
}

test("each open saga of every page runs afterwards, and only sagas without an open reservation are woken", async () => {
  const { ports, calls } = createPorts(["a", "b", "c", "d", "e"], ["b", "e", "x", "y"]);
  expect(await reconcile(ports)).toEqual({ running: 2, started: 3, woken: 2 });
  expect(calls).toEqual({ started: ["a", "c", "d"], woken: ["x", "y"] });
});

test("a saga that started after the list counts as running", async () => {
  const { ports, calls } = createPorts(["a", "b"], [], ["b"]);
  expect(await reconcile(ports)).toEqual({ running: 1, started: 1, woken: 0 });
  expect(calls.started).toEqual(["a"]);
});

test("without a difference nothing is started or woken", async () => {
  const { ports, calls } = createPorts(["a"], ["a"]);
  expect(await reconcile(ports)).toEqual({ running: 1, started: 0, woken: 0 });
  expect(calls).toEqual({ started: [], woken: [] });
});
