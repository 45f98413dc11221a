import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, get, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import {
  BALANCES_PATH,
  download,
  earn,
  getBalances,
  getOrders,
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

useReportsOnRequest();

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const HEADER =
  "month;opening available;opening reserved;deposits;withdrawals;revenue;refunds;closing available;closing reserved\n";
const ORDERS_HEADER = "service id;service name;order;user;operation;amount;time\n";

const minor = (amount: string) => BigInt(amount.replace(".", ""));

/** Closing balances by the sums of the answer. */
function expectSum({ opening, closing, ...body }: Answer["body"]): void {
  const [deposits, withdrawals, revenue, refunds] = [body.deposits, body.withdrawals, body.revenue, body.refunds].map(
    minor,
  );
  expect(minor(opening.total) + deposits! - withdrawals! - revenue! + refunds!).toBe(minor(closing.total));
  for (const { available, reserved, total } of [opening, closing]) {
    expect(minor(available) + minor(reserved)).toBe(minor(total));
  }
}

test("the balances of the running month are provisional, add up, and include a deposit at once", async () => {
  const month = runningMonth();
  const before = await getBalances(month);
  expect([before.status, before.headers.get("cache-control")]).toEqual([200, "no-store"]);
  const owed = { available: expect.any(String), reserved: expect.any(String), total: expect.any(String) };
  expect(before.body).toEqual({
    month,
    status: "provisional",
    url: expect.stringMatching(
      new RegExp(
        `^${stack.environment.PUBLIC_URL}${BALANCES_PATH}/${month}\\.csv\\?expires=\\d+&signature=[\\w-]{43}$`,
      ),
    ),
    sha256: null,
    generatedAt: expect.stringMatching(RFC_3339),
    currency: "RUB",
    opening: owed,
    deposits: expect.any(String),
    withdrawals: expect.any(String),
    revenue: expect.any(String),
    refunds: expect.any(String),
    closing: owed,
  });
  expectSum(before.body);
  await userWith("12.50");
  const { body } = await getBalances(month);
  expectSum(body);
  expect(minor(body.deposits)).toBeGreaterThanOrEqual(minor(before.body.deposits) + 1250n);
  const file = await download(body.url);
  expect([file.status, file.text.startsWith(`${HEADER}${month};`)]).toEqual([200, true]);
});

test("a past month's balances and orders are final, with the revenue report's total, on every replica", async () => {
  const month = "2018-07";
  const serviceId = uniqueUserId("b");
  await earn("3.00", serviceId);
  await earn("1.25", serviceId);
  await nameService(serviceId, "Доставка; срочно");
  await moveRevenue(serviceId, month);
  await using replicas = await startReplicas(1);
  const headers = { authorization: `Bearer ${await mintToken()}` };
  const ask = async (origin: string, path: string) =>
    (await (await fetch(`${origin}${path}`, { headers })).json()) as Answer["body"];

  const answers = await Promise.all(
    replicas.origins.flatMap((origin) => [
      ask(origin, `${BALANCES_PATH}?month=${month}`),
      ask(origin, `${REPORTS_PATH}?month=${month}&detail=orders`),
    ]),
  );
  const [balances, orders, ...others] = answers as [Answer["body"], Answer["body"], ...Answer["body"][]];
  const nothing = { available: "0.00", reserved: "0.00", total: "0.00" };
  const text = `${HEADER}${month};0.00;0.00;4.25;0.00;4.25;0.00;0.00;0.00\n`;
  expect(balances).toMatchObject({
    status: "final",
    sha256: sha256(text),
    opening: nothing,
    deposits: "4.25",
    withdrawals: "0.00",
    revenue: "4.25",
    refunds: "0.00",
    closing: nothing,
  });
  expectSum(balances);
  expect(orders).toMatchObject({ month, status: "final", total: "4.25" });
  expect((await getReport(month)).body).toMatchObject({ status: "final", total: "4.25" });
  expect(others.map(({ sha256 }) => sha256)).toEqual(others.map((_, at) => [balances, orders][at % 2]!.sha256));

  await nameService(serviceId, "Another");
  for (const origin of replicas.origins) {
    const file = await download(balances.url, origin);
    expect([file.status, file.text]).toEqual([200, text]);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="balances-${month}.csv"`);
    const lines = await download(orders.url, origin);
    expect(Object.fromEntries(lines.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="orders-${month}.csv"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(sha256(lines.text)).toBe(orders.sha256);
    expect(lines.text).toStartWith(ORDERS_HEADER);
    const [first, second, ...rest] = lines.text.split("\n").slice(1);
    expect(rest).toEqual([""]);
    for (const line of [first, second]) expect(line).toStartWith(`${serviceId};"Доставка; срочно";`);
  }
}, 60_000);

test("the orders of the running month are provisional, and their link serves later lines", async () => {
  const serviceId = await earn("2.00");
  const { status, body } = await getOrders(runningMonth());
  expect([status, body.status, body.sha256]).toEqual([200, "provisional", null]);
  expect(new URL(body.url).pathname).toBe(`${REPORTS_PATH}/${runningMonth()}-orders.csv`);
  await earn("0.50", serviceId);
  const lines = (await download(body.url)).text.split("\n").filter((line) => line.startsWith(`${serviceId};`));
  expect(lines.map((line) => line.split(";")[5])).toEqual(["2.00", "0.50"]);
});

test("a link opens its own file only: not that of another report or detail", async () => {
  const month = "2017-06";
  const [revenue, orders, balances] = await Promise.all([getReport(month), getOrders(month), getBalances(month)]);
  const links = [revenue, orders, balances].map(({ body }) => new URL(body.url));
  for (const link of links) {
    expect((await download(`${link}`)).status).toBe(200);
    for (const { pathname } of links.filter((other) => other !== link)) {
      const forged = new URL(link);
      forged.pathname = pathname;
      const { status, headers, text } = await download(`${forged}`);
      expectProblem({ status, headers, body: JSON.parse(text) }, "link_invalid", pathname);
    }
  }
  expect((await download(`${links[1]}`)).text).toBe(ORDERS_HEADER);
});

test("a malformed, missing or future month, another detail and another scope are refused", async () => {
  for (const month of ["", "2026-13", "2026", "2999-01"]) {
    expectProblem(await getBalances(month), "invalid_request", BALANCES_PATH, {
      errors: [{ field: "month", message: expect.stringMatching(/^must /) }],
    });
  }
  expectProblem(await get(BALANCES_PATH), "invalid_request", BALANCES_PATH, {
    errors: [{ field: "month", message: "is required" }],
  });
  expectProblem(await get(`${REPORTS_PATH}?month=2017-06&detail=users`), "invalid_request", REPORTS_PATH, {
    errors: [{ field: "detail", message: 'must be "orders"' }],
  });
  expectProblem(await get(`${BALANCES_PATH}?month=2017-06&detail=orders`), "invalid_request", BALANCES_PATH, {
    errors: [{ field: "detail", message: "is not a field of this request" }],
  });
  const others = await mintToken({ scope: "funds:write reservations:write balance:read operations:read audit" });
  expectProblem(await get(`${BALANCES_PATH}?month=2017-06`, { token: others }), "insufficient_scope", BALANCES_PATH);
  expect(
    (await get(`${BALANCES_PATH}?month=2017-06`, { token: await mintToken({ scope: "reports:read" }) })).status,
  ).toBe(200);
});

test("a file whose lines no longer have their hash is not served to its end", async () => {
  const month = "2018-09";
  const serviceId = await earn("5.00");
  await moveRevenue(serviceId, month);
  const { body } = await getOrders(month);
  expect(body.status).toBe("final");
  await using owner = await connectOwner();
  const set = (orderId: string) =>
    owner.query("update entries set order_id = $2 || substr(order_id, 2) where service_id = $1", [serviceId, orderId]);
  await set("X");
  await expect(download(body.url)).rejects.toThrow();
  await owner.query("update entries set order_id = 'o' || substr(order_id, 2) where service_id = $1", [serviceId]);
  expect(sha256((await download(body.url)).text)).toBe(body.sha256);
});
