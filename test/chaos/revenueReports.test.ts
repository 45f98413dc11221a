import { afterAll, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";
import {
  download,
  earn,
  getReport,
  moveRevenue,
  REPORTS_PATH,
  runningMonth,
  sha256,
  useReportsOnRequest,
} from "../support/api/reports.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

afterAll(restoreStack);
useReportsOnRequest();

test("without Temporal a month's first report is 503, others are served, and later it is closed and frozen", async () => {
  const [frozen, unclosed] = ["2015-01", "2015-02"];
  const serviceId = await earn("1.00");
  await moveRevenue(serviceId, unclosed!);
  const before = await getReport(frozen!);
  expect(before.status).toBe(200);

  await withOutage("temporal", "stopped", async () => {
    const refused = await getReport(unclosed!);
    expectProblem(refused, "temporal_unavailable", REPORTS_PATH);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await getReport(frozen!)).body).toMatchObject({ status: "final", sha256: before.body.sha256 });
    expect((await getReport(runningMonth())).body.status).toBe("provisional");
  });
  const { body } = await eventually(async () => {
    const answer = await getReport(unclosed!);
    return answer.status === 200 && answer;
  }, 40_000);
  expect(body).toMatchObject({ status: "final", total: "1.00", sha256: sha256(`${serviceId};1.00\n`) });
}, 60_000);

test("without PostgreSQL reports are 503, and after a kill a frozen one has equal bytes by the same link", async () => {
  const serviceId = await earn("2.00");
  await moveRevenue(serviceId, "2015-03");
  const { body } = await getReport("2015-03");
  await withOutage("postgres", "stopped", async () => {
    for (const month of ["2015-03", "2015-04", runningMonth()]) {
      expectProblem(await getReport(month), "ledger_unavailable", REPORTS_PATH);
    }
    const file = await download(body.url);
    expectProblem({ ...file, body: JSON.parse(file.text) }, "ledger_unavailable", `${REPORTS_PATH}/2015-03.csv`);
  });

  await stack.kill("saldo");
  await stack.start("saldo");
  const { url, ...report } = (await getReport("2015-03")).body;
  expect(body).toMatchObject(report);
  for (const link of [url, body.url]) expect((await download(link)).text).toBe(`${serviceId};2.00\n`);
}, 60_000);
