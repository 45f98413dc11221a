import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, get, stack } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";
import {
  download,
  earn,
  getReport,
  moveRevenue,
  nameService,
  REPORTS_PATH,
  runningMonth,
  sha256,
  useReportsOnRequest,
} from "../support/api/reports.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";
import { startReplicas } from "../support/stack/replicas.ts";
import { eventually } from "../support/waiting.ts";

useReportsOnRequest();

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The line of a service in a file. */
function lineOf(text: string, name: string): string | undefined {
  return text.split("\n").find((line) => line.startsWith(`${name};`));
}

test("the running month is provisional: without a hash, as of now, and its link serves later revenue", async () => {
  const month = runningMonth();
  const serviceId = await earn("12.50");
  const { status, headers, body } = await getReport(month);
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(body).toEqual({
    month,
    status: "provisional",
    url: expect.stringMatching(
      new RegExp(`^${stack.environment.PUBLIC_URL}${REPORTS_PATH}/${month}\\.csv\\?expires=\\d+&signature=[\\w-]{43}$`),
    ),
    sha256: null,
    total: expect.stringMatching(/^-?\d+\.\d\d$/),
    generatedAt: expect.stringMatching(RFC_3339),
  });
  expect(lineOf((await download(body.url)).text, serviceId)).toBe(`${serviceId};12.50`);

  await earn("0.50", serviceId);
  expect(lineOf((await download(body.url)).text, serviceId)).toBe(`${serviceId};13.00`);
  await using owner = await connectOwner();
  const { rows } = await owner.query(
    "select sum(amount_minor) / 100 as total from revenue where month = (select max(month) from revenue)",
  );
  expect(Number((await getReport(month)).body.total)).toBe(Number(rows[0].total));
});

test("a past month is closed by its first requests, and then equal to the byte from every replica", async () => {
  const month = "2018-05";
  const names = { "=1+1": uniqueUserId("b"), 'Доставка; "срочно"': uniqueUserId("c") };
  const nameless = await earn("3.00", uniqueUserId("A"));
  for (const [name, serviceId] of Object.entries(names)) {
    await earn("1.25", serviceId);
    await nameService(serviceId, name);
  }
  for (const serviceId of [nameless, ...Object.values(names)]) await moveRevenue(serviceId, month);
  const text = `'=1+1;1.25\n${nameless};3.00\n"Доставка; ""срочно""";1.25\n`;

  await using replicas = await startReplicas(1);
  const token = await mintToken();
  const ask = async (origin: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${origin}${REPORTS_PATH}?month=${month}`, { headers });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const origins = [...replicas.origins, ...replicas.origins, ...replicas.origins];
  const first = await Promise.all(origins.map(ask));
  const { url, ...report } = first[0]!.body;
  expect(report).toEqual({
    month,
    status: "final",
    sha256: sha256(text),
    total: "5.50",
    generatedAt: expect.stringMatching(RFC_3339),
  });
  for (const { status, body } of first) expect({ status, ...body, url }).toEqual({ status: 200, ...report, url });

  await nameService(nameless, "A name at last");
  for (const origin of replicas.origins) {
    expect((await ask(origin)).body).toMatchObject(report);
    const file = await download(url, origin);
    expect([file.status, file.text]).toEqual([200, text]);
    expect(Object.fromEntries(file.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="revenue-${month}.csv"`,
      "cache-control": "no-store",
    });
  }
  const workflows = `${stack.environment.TEMPORAL_UI_URL}/api/v1/namespaces/default/workflows`;
  // The report is read from the ledger before its workflow has ended.
  const workflow = await eventually(async () => {
    const answer = await (await fetch(`${workflows}/revenue-report-${month}`)).json();
    const { workflowExecutionInfo } = answer as Answer["body"];
    return workflowExecutionInfo?.status === "WORKFLOW_EXECUTION_STATUS_COMPLETED" && workflowExecutionInfo;
  });
  expect(workflow.type).toEqual({ name: "revenueReport" });
}, 60_000);

test("a month without revenue is an empty file, final like others", async () => {
  const { status, body } = await getReport("2017-02");
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({ status: "final", total: "0.00", sha256: sha256("") }),
  ]);
  const file = await download(body.url);
  expect([file.status, file.text, file.headers.get("content-type")]).toEqual([200, "", "text/csv; charset=utf-8"]);
});

test("a malformed, missing or future month is refused by name, and nothing is closed", async () => {
  const months = [
    "",
    "2026-13",
    "2026-00",
    "2026-1",
    "2026",
    "2026-10-01",
    "0000-01",
    "October",
    "2999-01",
    "2026-10%0A",
  ];
  for (const month of months) {
    const answer = await getReport(month);
    expect([month, answer.status]).toEqual([month, 400]);
    expectProblem(answer, "invalid_request", REPORTS_PATH, {
      errors: [{ field: "month", message: expect.stringMatching(/^must /) }],
    });
  }
  expectProblem(await get(REPORTS_PATH), "invalid_request", REPORTS_PATH, {
    errors: [{ field: "month", message: "is required" }],
  });
  expectProblem(await get(`${REPORTS_PATH}?month=2017-03&format=xml`), "invalid_request", REPORTS_PATH, {
    errors: [{ field: "format", message: "is not a field of this request" }],
  });
  await using owner = await connectOwner();
  const { rowCount } = await owner.query("select from closed_months where month > now() or month = '2017-03-01'");
  expect(rowCount).toBe(0);
});

test("a report requires the scope reports:read, and no other", async () => {
  const path = `${REPORTS_PATH}?month=2017-02`;
  const others = await mintToken({ scope: "funds:write reservations:write balance:read audit" });
  expectProblem(await get(path, { token: others }), "insufficient_scope", REPORTS_PATH);
  expect((await get(path, { token: "" })).status).toBe(401);
  expect((await get(path, { token: await mintToken({ scope: "reports:read" }) })).status).toBe(200);
});

test("a month that cannot be frozen within ten seconds is 503, and is final once it can", async () => {
  await using owner = await connectOwner();
  await owner.query("begin");
  await owner.query("lock table revenue_reports in exclusive mode");
  const answer = await getReport("2017-04");
  expectProblem(answer, "ledger_unavailable", REPORTS_PATH);
  expect(answer.body.detail).toBe("The month is still being closed. Repeat the request.");
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  await owner.query("rollback");
  expect((await getReport("2017-04")).body).toMatchObject({ status: "final", total: "0.00" });
}, 40_000);
