import { expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { cases } from "../support/api/reservationCases.ts";
import { completed, moneyOf, pathOf, reserve, settle } from "../support/api/reservations.ts";

const namedCases = Object.entries(cases).map(([name, make]) => ({ name, make }));

test.each(namedCases)(
  "$name that is repeated has the same response, marked as replayed, also after later operations",
  async ({ make }) => {
    const { path, body, kind, ...about } = await make();
    const key = crypto.randomUUID();
    const first = await post(path, body, { key, wait: 20 });
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([200, null]);
    const { reservationId } = first.body;
    // Some reservations are settled by now and would decline this. Others continue.
    await post(pathOf(reservationId, "extensions"), { ttlSeconds: 2_592_000 }, { wait: 20 });
    await post(pathOf(reservationId, "recognitions"), {}, { wait: 20 });
    const stands = (await get(`/v1/reservations/${reservationId}`)).body;

    for (const [wait, applied] of [
      [undefined, null],
      [20, "wait=20"],
    ] as const) {
      const again = await post(path, body, { key, ...(wait && { wait }) });
      expect([again.status, again.body]).toEqual([200, first.body]);
      expect(again.headers.get("idempotency-replayed")).toBe("true");
      expect(again.headers.get("preference-applied")).toBe(applied);
    }
    expect((await get(`/v1/operations/${first.body.operationId}`)).body).toEqual(first.body);
    expect((await get(`/v1/reservations/${reservationId}`)).body).toEqual(stands);
    expect([kind, about.reservationId ?? first.body.operationId]).toEqual([first.body.kind, reservationId]);
  },
);

type Mismatch = { path: string; body: object; other: [path: string, body: object, differingFields: string[]][] };

async function mismatches(): Promise<Mismatch[]> {
  const userId = await userWith("1000.00");
  const make = () => reserve(userId, "40.00");
  const [one, two, three, four, five, six] = await Promise.all([make(), make(), make(), make(), make(), make()]);
  const fields = ({ serviceId, orderId }: { serviceId: string; orderId: string }) => ({ userId, serviceId, orderId });
  const recognition = await settle(five.reservationId, "recognitions");
  const reservation = { ...fields(one), amount: "1.00", ttlSeconds: 60, serviceName: "A", comment: "c" };
  const by = (id: string) => ({ recognize: pathOf(id, "recognitions"), release: pathOf(id, "releases") });
  const [ofTwo, ofThree] = [by(two.reservationId), by(three.reservationId)];
  const extensions = pathOf(six.reservationId, "extensions");
  const refund = { recognitionId: recognition.operationId, amount: "1.00" };
  return [
    {
      path: "/v1/reservations",
      body: reservation,
      other: [
        ...Object.entries({
          serviceId: "x",
          orderId: "x",
          amount: "1.01",
          ttlSeconds: 61,
          serviceName: "B",
          comment: "",
        }).map(([field, value]): Mismatch["other"][number] => [
          "/v1/reservations",
          { ...reservation, [field]: value },
          [field],
        ]),
        ["/v1/reservations", { ...fields(one), amount: "1" }, ["ttlSeconds", "serviceName", "comment"]],
        ["/v1/recognitions", { ...fields(one), amount: "1.00", comment: "c" }, ["kind", "ttlSeconds", "serviceName"]],
      ],
    },
    {
      path: ofTwo.recognize,
      body: { amount: "10.00", final: false },
      other: [
        [ofTwo.recognize, { amount: "10.00" }, ["final"]],
        [ofTwo.recognize, { amount: "10.00", final: true }, ["final"]],
        [ofTwo.recognize, { final: false }, ["amount"]],
        [ofTwo.recognize, { amount: "10.00", final: false, comment: "c" }, ["comment"]],
        [ofThree.recognize, { amount: "10.00", final: false }, ["reservationId"]],
        [ofTwo.release, { amount: "10.00" }, ["kind", "final"]],
        [
          "/v1/recognitions",
          { ...fields(two), amount: "10.00" },
          ["reservationId", "final", "userId", "serviceId", "orderId"],
        ],
      ],
    },
    {
      path: "/v1/recognitions",
      body: { ...fields(four), amount: "40.00" },
      other: [
        ["/v1/recognitions", { ...fields(four), amount: "39.00" }, ["amount"]],
        ["/v1/recognitions", { ...fields(three), amount: "40.00" }, ["orderId"]],
        ["/v1/releases", fields(four), ["kind", "amount"]],
      ],
    },
    {
      path: ofThree.release,
      body: {},
      other: [
        [ofThree.release, { amount: "40.00" }, ["amount"]],
        [ofTwo.release, {}, ["reservationId"]],
        [ofThree.recognize, {}, ["kind"]],
      ],
    },
    {
      path: "/v1/releases",
      body: fields(one),
      other: [["/v1/releases", { ...fields(one), serviceId: "x" }, ["serviceId"]]],
    },
    {
      path: extensions,
      body: { ttlSeconds: 60 },
      other: [
        [extensions, { ttlSeconds: 61 }, ["ttlSeconds"]],
        [pathOf(two.reservationId, "extensions"), { ttlSeconds: 60 }, ["reservationId"]],
      ],
    },
    {
      path: "/v1/refunds",
      body: refund,
      other: [
        ["/v1/refunds", { ...refund, amount: "1.01" }, ["amount"]],
        ["/v1/refunds", { recognitionId: refund.recognitionId }, ["amount"]],
        ["/v1/refunds", { ...refund, recognitionId: one.reservationId }, ["recognitionId"]],
      ],
    },
  ];
}

test("the same key with another request is a mismatch that lists all differing fields and moves nothing", async () => {
  for (const { path, body, other } of await mismatches()) {
    const key = crypto.randomUUID();
    const first = await post(path, body, { key, wait: 20 });
    const { operationId, workflowId } = first.body;
    for (const [otherPath, otherBody, differingFields] of other) {
      for (const wait of [20, undefined]) {
        const answer = await post(otherPath, otherBody, { key, ...(wait && { wait }) });
        const found = answer.body.differingFields;
        expectProblem(answer, "idempotency_payload_mismatch", otherPath, {
          ...{ operationId, workflowId, differingFields: found },
        });
        expect([otherPath, new Set(found)]).toEqual([otherPath, new Set(differingFields)]);
        expect(answer.headers.get("idempotency-replayed")).toBeNull();
      }
    }
  }
}, 60_000);

test("a mismatch leaves money and reservation unchanged", async () => {
  const userId = await userWith("100.00");
  const { reservationId } = await reserve(userId, "40.00");
  const key = crypto.randomUUID();
  await post(pathOf(reservationId, "recognitions"), { amount: "10.00", final: false }, { key, wait: 20 });
  const stands = (await get(`/v1/reservations/${reservationId}`)).body;
  await post(pathOf(reservationId, "recognitions"), {}, { key, wait: 20 });
  await post(pathOf(reservationId, "releases"), {}, { key, wait: 20 });
  expect((await get(`/v1/reservations/${reservationId}`)).body).toEqual(stands);
  expect(await moneyOf(userId)).toBe("60.00 + 30.00");
});

test("requests are compared by value: equal amounts by id are one request, however they are written", async () => {
  const userId = await userWith("100.00");
  const { reservationId } = await reserve(userId, "40.00");
  const key = crypto.randomUUID();
  for (const amount of ["10", "10.0", "10.00"]) {
    const answer = await post(pathOf(reservationId, "releases"), { amount }, { key, wait: 20 });
    expect([answer.status, answer.body.amount]).toEqual([200, "10.00"]);
  }
  expect(await moneyOf(userId)).toBe("70.00 + 30.00");
  await completed(pathOf(reservationId, "recognitions"), {});
});
