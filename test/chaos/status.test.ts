import { afterAll, beforeAll, expect, test } from "bun:test";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { reserve } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { pauseSweep } from "../support/saga/sweeps.ts";
import { holdAccount } from "../support/stack/heldAccount.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { depositOne } from "../support/temporal/depositCarriers.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

/** Carriers are stuck after 10 s. */
const STUCK_TIMEOUT_MS = 60_000;

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

/** Runs the status command as in the image. */
async function runStatus(): Promise<{ code: number; text: string; errors: string }> {
  const child = Bun.spawn([process.execPath, "src/commands/status.ts"], {
    cwd: rootDirectory,
    env: { PATH: process.env.PATH!, NODE_NO_WARNINGS: "1", ...stack.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, text, errors };
}

test("without stuck work the status is four lines, and exits with 0", async () => {
  const { code, text, errors } = await eventually(async () => {
    const status = await runStatus();
    return status.code === 0 && status;
  }, STUCK_TIMEOUT_MS);
  expect([code, errors]).toEqual([0, ""]);
  expect(text.trimEnd().split("\n")).toEqual([
    "Carriers that run longer than 10 s: 0",
    expect.stringMatching(/^Carriers with events in the outbox: \d+ \(0 older than 1 min, 0 older than 10 min, /),
    expect.stringMatching(/^Overdue reservations: \d+$/),
    expect.stringMatching(/^Last audit: /),
  ]);
});

test("while Kafka is frozen the status lists the waiting carrier, its events and the broker's error", async () => {
  await using _pause = await pauseSweep(webUi.client);
  await withOutage("kafka", "frozen", async () => {
    const { workflowId } = (await depositOne(uniqueUserId("kafka"))).body;
    await eventually(() => webUi.pendingError(workflowId, "publishEvents"), STUCK_TIMEOUT_MS);
    await using owner = await connectOwner();
    await owner.query("update outbox set created_at = created_at - interval '11 minutes' where workflow_id = $1", [
      workflowId,
    ]);
    const { code, text } = await eventually(async () => {
      const status = await runStatus();
      return /run longer than 10 s: [1-9]/.test(status.text) && status;
    }, STUCK_TIMEOUT_MS);
    expect(code).toBe(1);
    const broker = `publishEvents, attempt \\d+: Kafka 127.0.0.1:${stack.ports.kafka}.+`;
    expect(text).toMatch(new RegExp(`^  ${workflowId}  since \\d{4}-\\S+Z  ${broker}$`, "m"));
    expect(text).toMatch(
      /^Carriers with events in the outbox: \d+ \([1-9]\d* older than 1 min, [1-9]\d* older than 10 min/m,
    );
    expect(text).toMatch(new RegExp(`^  ${workflowId}  for 11 min  1 operations  ${broker}$`, "m"));
  });
});

test("an overdue reservation is listed with its user, order, amount and saga", async () => {
  await using _pause = await pauseSweep(webUi.client);
  const userId = await userWith("10.00");
  const { reservationId, workflowId, orderId } = await reserve(userId, "4.00", { ttlSeconds: 3_600 });
  // Without the lock of its account no saga can expire it meanwhile.
  await using _held = await holdAccount(userId);
  await using owner = await connectOwner();
  await owner.query("update reservations set expires_at = now() - interval '2 hours' where id = $1", [reservationId]);
  const { code, text } = await runStatus();
  expect(code).toBe(1);
  const about = `user ${userId}, order ${orderId}, 4.00, saga ${workflowId}`;
  expect(text).toMatch(new RegExp(`^  ${reservationId}  for 2 h  ${about}: (running|expire).*$`, "m"));
});

test("a broken audit is stuck work, with its findings", async () => {
  await using owner = await connectOwner();
  const auditId = crypto.randomUUID();
  const findings = [{ promise: 2, sentence: "Entry 3 of account anna has no entry 2 before it." }];
  const auditColumns = "id, workflow_id, started_at, verdict, checked, not_checked, findings, findings_total, walks";
  await owner.query(
    `insert into audits (${auditColumns}) values ($1, 'audit', now(), 'broken', '{}', '{}', $2, 1, '{}')`,
    [auditId, JSON.stringify(findings)],
  );
  try {
    const { code, text } = await runStatus();
    expect(code).toBe(1);
    expect(text).toMatch(/^Last audit: broken, 1 findings, \d+ s ago\n {2}promise 2: Entry 3 of account anna has no/m);
  } finally {
    await owner.query("delete from audits where id = $1", [auditId]);
  }
});

test.each(["postgres", "temporal"] as const)("while %s is stopped the status is one line for it", async (part) => {
  await withOutage(part, "stopped", async () => {
    const { code, text, errors } = await runStatus();
    expect([code, errors]).toEqual([1, ""]);
    const title = part === "postgres" ? "PostgreSQL" : "Temporal";
    expect(text.split("\n").filter((line) => line.includes("is away"))).toEqual([
      expect.stringMatching(new RegExp(`^${title} is away: .+$`)),
    ]);
    expect(text).not.toMatch(/^\s+at /m);
  });
});
