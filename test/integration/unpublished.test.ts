import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTestLedger, type TestLedger } from "../support/ledger.ts";
import { deposit, operation, uniqueUserId, withdrawal } from "../support/operations.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("unpublished");
});

afterAll(() => ledger.close());

const carrier = () => `carrier-${crypto.randomUUID()}`;

async function postDeposit(workflowId: string): Promise<string> {
  const asked = deposit(uniqueUserId(), "1.00");
  await ledger.post(workflowId, [asked]);
  return asked.operationId;
}

async function age(workflowId: string, seconds: number): Promise<void> {
  await ledger.owner.query(
    "update unpublished set created_at = clock_timestamp() - make_interval(secs => $2) where workflow_id = $1",
    [workflowId, seconds],
  );
}

describe("what is still to be published", () => {
  test("it is noted in the transaction that makes the entries", async () => {
    const workflowId = carrier();
    const operationId = await postDeposit(workflowId);
    const [row] = await ledger.rows(
      `select entries.xmin::text = unpublished.xmin::text as together
       from entries, unpublished where operation_id = $1 and workflow_id = $2`,
      [operationId, workflowId],
    );
    expect(row).toEqual({ together: true });
    expect(await ledger.readUnpublished(workflowId)).toEqual([operationId]);
  });

  test("declined and mismatched operations have no events, a carrier of nothing else has no note", async () => {
    const [workflowId, userId] = [carrier(), uniqueUserId()];
    const known = deposit(userId, "1.00");
    await ledger.post(carrier(), [known]);
    const other = operation({ kind: "deposit", request: { userId, amount: "2.00" } }, known.idempotencyKey!);
    const declined = withdrawal(userId, "9.00");
    await ledger.post(workflowId, [declined, other]);
    expect(await ledger.rows("select from unpublished where workflow_id = $1", [workflowId])).toEqual([]);

    const completed = deposit(userId, "1.00");
    await ledger.post(workflowId, [declined, completed, other]);
    expect(await ledger.readUnpublished(workflowId)).toEqual([completed.operationId]);
  });

  test("a stored operation counts again for who brings it again: who stored it may have died before its events", async () => {
    const asked = deposit(uniqueUserId(), "1.00");
    const [first, second] = [carrier(), carrier()];
    await ledger.post(first, [asked]);
    await ledger.deleteUnpublished(first, [asked.operationId]);
    await ledger.post(first, [asked]);
    await ledger.post(second, [asked, asked]);
    expect(await ledger.readUnpublished(first)).toEqual([asked.operationId]);
    expect(await ledger.readUnpublished(second)).toEqual([asked.operationId]);
  });

  test("what the same carrier posts later is added to its note, each operation once", async () => {
    const workflowId = carrier();
    const [one, two, three] = Array.from({ length: 3 }, () => deposit(uniqueUserId(), "1.00"));
    await ledger.post(workflowId, [one!, two!]);
    await ledger.post(workflowId, [two!, three!]);
    expect((await ledger.readUnpublished(workflowId)).toSorted(byText)).toEqual(
      [one!, two!, three!].map(({ operationId }) => operationId).toSorted(byText),
    );
  });
});

describe("taking the note back", () => {
  test("it is gone once all that it names is published", async () => {
    const workflowId = carrier();
    const published = [await postDeposit(workflowId), await postDeposit(workflowId)];
    await ledger.deleteUnpublished(workflowId, published.toReversed());
    expect(await ledger.readUnpublished(workflowId)).toEqual([]);
    expect(await ledger.rows("select from unpublished where workflow_id = $1", [workflowId])).toEqual([]);
  });

  test("it stays, whole, where the carrier has added to it since it was read", async () => {
    const workflowId = carrier();
    const read = [await postDeposit(workflowId)];
    const added = await postDeposit(workflowId);
    await ledger.deleteUnpublished(workflowId, read);
    expect((await ledger.readUnpublished(workflowId)).toSorted(byText)).toEqual([...read, added].toSorted(byText));
  });

  test("another carrier's note stays", async () => {
    const [mine, theirs] = [carrier(), carrier()];
    const [published, waiting] = [await postDeposit(mine), await postDeposit(theirs)];
    await ledger.deleteUnpublished(mine, [published, waiting]);
    expect(await ledger.readUnpublished(theirs)).toEqual([waiting]);
  });
});

describe("finding what is overdue", () => {
  test("only carriers noted that long ago are found, the oldest first, no more than asked for", async () => {
    const [young, old, older, oldest] = [carrier(), carrier(), carrier(), carrier()];
    const operationIds = new Map<string, string>();
    for (const workflowId of [young, old, older, oldest]) operationIds.set(workflowId, await postDeposit(workflowId));
    for (const [workflowId, seconds] of [
      [old, 1_031],
      [older, 1_060],
      [oldest, 1_090],
    ] as const) {
      await age(workflowId, seconds);
    }
    const noted = (workflowId: string) => ({ workflowId, operationIds: [operationIds.get(workflowId)!] });
    expect(await ledger.findUnpublished(1_030, 10, 0)).toEqual([oldest, older, old].map(noted));
    expect(await ledger.findUnpublished(1_030, 2, 0)).toEqual([oldest, older].map(noted));
    expect(await ledger.findUnpublished(1_059, 10, 0)).toEqual([oldest, older].map(noted));
    expect((await ledger.findUnpublished(0, 1_000, 0)).map(({ workflowId }) => workflowId)).toContain(young);
  });

  test("a carrier that adds to its note keeps its age: nothing waits for ever", async () => {
    const workflowId = carrier();
    await postDeposit(workflowId);
    await age(workflowId, 5_000);
    await postDeposit(workflowId);
    expect((await ledger.findUnpublished(4_999, 10, 0)).map((found) => found.workflowId)).toEqual([workflowId]);
  });

  test("it is counted no further than asked for", async () => {
    for (let index = 0; index < 3; index += 1) await postDeposit(carrier());
    const [row] = await ledger.rows<{ all: bigint }>('select count(*) as "all" from unpublished');
    expect(await ledger.countUnpublished(2)).toBe(2);
    expect(await ledger.countUnpublished(10_000)).toBe(Number(row!.all));
  });
});

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
