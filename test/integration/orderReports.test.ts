import { afterAll, beforeAll, expect, test } from "bun:test";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { createReportLedger, type ReportLedger } from "../support/ledger/reportLedger.ts";
import { recognition, refund } from "../support/ledger/reservationOperations.ts";

let ledger: ReportLedger;

beforeAll(async () => {
  ledger = await createReportLedger("order_reports");
});

afterAll(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
  await ledger.close();
});

const HEADER = "service id;service name;order;user;operation;amount;time";

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

test("the orders have a line for each recognition and refund, with frozen names, and the sum of the report", async () => {
  const order = { userId: uniqueUserId(), serviceId: "promo", orderId: "order:1" };
  await ledger.clock.stop("2026-01-10T12:00:00.123Z");
  await ledger.fund([order.userId], "100.00");
  await ledger.name("promo", 'x,=1+1;"$&"');
  const reservationId = await ledger.reserve(order, "10.00");
  const recognized = recognition({ reservationId, amount: "7.50" });
  await ledger.postOne(recognized);
  await ledger.clock.stop("2026-01-31T20:59:59.999Z");
  const refunded = refund(recognized.operationId, "0.05");
  await ledger.postOne(refunded);
  const nameless = await ledger.earn("A-nameless", "1.00");
  const [{ user_id: otherUserId }] = (await ledger.rows("select user_id from entries where operation_id = $1", [
    nameless,
  ])) as [{ user_id: string }];
  await ledger.clock.stop("2026-01-31T21:00:00.000Z");
  await ledger.earn("promo", "9.00");

  const text = [
    HEADER,
    `A-nameless;A-nameless;order;${otherUserId};${nameless};1.00;2026-01-31T20:59:59.999Z`,
    `promo;"x,=1+1;""$&""";order:1;${order.userId};${recognized.operationId};7.50;2026-01-10T12:00:00.123Z`,
    `promo;"x,=1+1;""$&""";order:1;${order.userId};${refunded.operationId};-0.05;2026-01-31T20:59:59.999Z`,
    "",
  ].join("\n");
  expect(await ledger.readOrdersReport("2026-01")).toEqual({ status: "unclosed" });
  const { total } = await ledger.report("2026-01");
  expect(total).toBe("8.45");
  expect(await ledger.readOrdersReport("2026-01")).toMatchObject({
    status: "final",
    totalMinor: 845n,
    sha256: sha256(text),
  });
  expect(await ledger.readOrdersFile("2026-01", true)).toBe(text);

  await ledger.name("promo", "Another");
  await ledger.name("A-nameless", "Named at last");
  await ledger.postOne(refund(recognized.operationId));
  expect(await ledger.readOrdersFile("2026-01", true)).toBe(text);
  expect(await ledger.readOrdersReport("2026-02")).toMatchObject({ status: "provisional", totalMinor: 155n });
  const running = (await ledger.readOrdersFile("2026-02", false)).split("\n");
  expect(running.map((line) => line.split(";")[1])).toEqual(["service name", "Another", "Another", undefined]);
});

test("the orders of a month without revenue are only the header", async () => {
  await ledger.report("2020-01");
  expect(await ledger.readOrdersReport("2020-01")).toMatchObject({ totalMinor: 0n, sha256: sha256(`${HEADER}\n`) });
  expect(await ledger.readOrdersFile("2020-01", true)).toBe(`${HEADER}\n`);
});

test("no hash is frozen where the lines differ from the revenue report", async () => {
  await ledger.clock.stop("2026-03-10T12:00:00Z");
  const recognitionId = await ledger.earn("promo", "1.00");
  await ledger.clock.stop("2026-04-10T12:00:00Z");
  await ledger.report("2026-03");
  await ledger.rows("delete from order_reports where month = '2026-03-01'");
  const set = (amountMinor: number) =>
    ledger.rows("update entries set amount_minor = $2 where operation_id = $1", [recognitionId, amountMinor]);
  await set(90);
  await expect(ledger.freezeReport("2026-03")).rejects.toThrow(
    "The orders of 2026-03 total 0.90, but its revenue report 1.00",
  );
  await set(100);
  await ledger.freezeReport("2026-03");
});
