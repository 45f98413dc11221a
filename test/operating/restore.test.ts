import { beforeAll, expect, test } from "bun:test";
import { type Drill, runDrill } from "../support/restore/drill.ts";
import { LOST } from "../support/restore/load.ts";
import { readTranscript, withoutTimes } from "../support/restore/transcript.ts";

// The ledger is backed up, lost and restored by the blocks of docs/operating/backup.md.

let drill: Drill;
beforeAll(async () => {
  drill = await runDrill();
}, 400_000);

test("the drill runs every block of the page", () => {
  expect(drill.left).toEqual([]);
});

test("the transcript on the page is that of the drill, except for its times", () => {
  expect(withoutTimes(drill.transcript)).toEqual(withoutTimes(readTranscript()));
});

test("before the other parts are brought together, an audit names each cached balance and each lost event", () => {
  const { before, lost } = drill;
  expect(before.verdict).toBe("broken");
  const accountsOf = (promise: number) =>
    before.findings.filter((one) => one.promise === promise).map(({ accountId }) => accountId);
  expect(accountsOf(8).toSorted()).toEqual(["ann", "bob", "cal"]);
  const named = before.findings.filter(({ promise }) => promise === 7).map(({ operationId }) => operationId!);
  // An event about an account that is lost, too, is only counted.
  const known = LOST.filter(({ key }) => key !== "lost-account").map(({ key }) => lost[key]!.operationId);
  expect(new Set(named)).toEqual(new Set(known));
  expect(before.checked.foreignEvents).toBeGreaterThan(0);
});

test("the commands start a saga for each open reservation without one, and end a saga without any", () => {
  expect(drill.outputs.at(-1)).toBe(
    "Sagas with open reservations: 1 running, 2 started anew.\nRunning sagas without an open reservation: 1 woken.\n",
  );
  // Those of the lost reservation, of the expired one, and of the recognized one.
  expect(drill.endings).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
  expect(drill.expired).toMatchObject({ state: "settled", expired: "30.00" });
});

test("an operation that was only accepted before the loss is completed, and a waiting carrier ends", () => {
  expect(drill.acceptedAs).toMatchObject({ status: "completed", amount: "3.00" });
  expect(drill.withoutEventEnded).toBe("COMPLETED");
});

test("afterwards audits are clean, and compare the whole new topic", () => {
  const { first, after, last, entries, violations } = drill;
  expect([first, after, last].map(({ verdict }) => verdict)).toEqual(["clean", "clean", "clean"]);
  // At least, since an event may be published twice.
  expect(after.checked.events).toBeGreaterThanOrEqual(entries);
  expect([after.checked.foreignEvents, last.checked.foreignEvents]).toEqual([0, 0]);
  expect(violations).toEqual([]);
});

test("lost requests that are repeated with their keys are done again under the same ids", () => {
  const { again, lost, open } = drill;
  for (const [key, { operationId }] of Object.entries(again)) {
    if (key in lost) expect([key, operationId]).toEqual([key, lost[key]!.operationId]);
  }
  expect(Object.keys(again)).toHaveLength(6);
  // The kept one and the repeated one are open.
  expect(open).toBe(2);
});
