import { expect, test } from "bun:test";
import { type AuditsDependencies, createAudits } from "../../src/api/audits/service.ts";
import type { Audit } from "../../src/ledger/audits.ts";

const AUDIT: Audit = {
  auditId: "one",
  workflowId: "audit",
  startedAt: "2026-11-23T12:00:00.000Z",
  finishedAt: "2026-11-23T12:00:01.000Z",
  verdict: "clean",
  checked: { accounts: 1 },
  notChecked: [],
  findings: [],
  findingsTotal: 0,
  watermark: null,
};

function audits(changes: Partial<AuditsDependencies>) {
  return createAudits({
    startAudit: async () => ({ auditId: "one", workflowId: "audit" }),
    readLatestAudit: async () => undefined,
    findAudit: async () => undefined,
    temporalLink: (workflowId) => `http://temporal/${workflowId}`,
    ...changes,
  });
}

test("before the first audit has ended there is no latest audit", async () => {
  await expect(audits({}).readLatest()).rejects.toMatchObject({ code: "audit_unknown" });
});

test("a failure of the ledger or of Temporal has its own problem code", async () => {
  const away = () => Promise.reject(new Error("It is away"));
  await expect(audits({ readLatestAudit: away }).readLatest()).rejects.toMatchObject({ code: "ledger_unavailable" });
  await expect(audits({ startAudit: away }).run(5)).rejects.toMatchObject({ code: "temporal_unavailable" });
});

test("a waiting request gets the audit as soon as it is stored, despite a brief ledger outage", async () => {
  let looks = 0;
  const findAudit = async () => {
    looks += 1;
    if (looks === 2) throw new Error("It is away");
    return looks === 4 ? AUDIT : undefined;
  };
  expect(await audits({ findAudit }).run(5)).toMatchObject({ auditId: "one", status: "finished", verdict: "clean" });
});

test("a finished audit is not joined: a new one is started", async () => {
  const ids = ["one", "one", "two"];
  const running = audits({
    startAudit: async () => ({ auditId: ids.shift()!, workflowId: "audit" }),
    findAudit: async (auditId) => (auditId === "one" ? AUDIT : undefined),
  });
  expect(await running.run(0)).toMatchObject({ auditId: "two", status: "running" });
});
