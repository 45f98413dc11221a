import { uniqueUserId } from "../ledger/operations.ts";
import { userWith } from "./funds.ts";
import { pathOf, reserve, settle, uniqueOrderId } from "./reservations.ts";

export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A request about a reservation of 40.00 by a user with 100.00. */
export type Case = {
  name: string;
  kind: string;
  path: string;
  body: Record<string, unknown>;
  /**
   * Expected members of the answer beyond the fields of the request.
   *
   * It is a function of the operation's id where a reservation repeats its own id.
   */
  isReservation?: boolean;
  reservationId?: string;
  /** Whether the request names the reservation by its id. A 202 then names it too. */
  byId?: boolean;
  amount?: string;
  setsDeadline?: boolean;
  /** The members that the answer has, since they follow from the reservation or its settlement. */
  subject?: object;
  /** Available, reserved and version afterwards; undefined where no entry is made. */
  after?: [available: string, reserved: string, version: number];
};

type Made = Omit<Case, "name">;

async function reserved() {
  const userId = await userWith("100.00");
  // A service without a name, which another test might give.
  const { reservationId, serviceId, orderId } = await reserve(userId, "40.00", { serviceId: uniqueUserId("service") });
  return { reservationId, fields: { userId, serviceId, orderId } };
}

/**
 * Each form of request with its expected answer. Every call creates money, reservations and recognitions of its own.
 */
export const cases: Record<string, () => Promise<Made>> = {
  "a reservation": async () => ({
    kind: "reservation",
    path: "/v1/reservations",
    body: {
      userId: await userWith("100.00"),
      serviceId: uniqueUserId("service"),
      serviceName: "Ad promotion",
      orderId: uniqueOrderId(),
      amount: "40.00",
      ttlSeconds: 600,
      comment: "Ad 17",
    },
    isReservation: true,
    setsDeadline: true,
    after: ["60.00", "40.00", 2],
  }),
  "a recognition by the four fields": async () => {
    const { reservationId, fields } = await reserved();
    const body = { ...fields, amount: "40.00", comment: "Applied" };
    const subject = recognizing("40.00", "0.00");
    return { kind: "recognition", path: "/v1/recognitions", body, reservationId, subject, after: ["60.00", "0.00", 3] };
  },
  "a recognition by id of all that remains": async () =>
    await byId(
      "recognition",
      "recognitions",
      {},
      {
        ...{ amount: "40.00", after: ["60.00", "0.00", 3], subject: recognizing("40.00", "0.00") },
      },
    ),
  "a recognition by id of a part, the rest released": async () =>
    await byId(
      "recognition",
      "recognitions",
      { amount: "10.00", comment: "A part" },
      {
        ...{ after: ["90.00", "0.00", 3], subject: recognizing("10.00", "30.00") },
      },
    ),
  "a recognition by id of a part, the rest kept": async () =>
    await byId(
      "recognition",
      "recognitions",
      { amount: "10.00", final: false },
      {
        ...{ after: ["60.00", "30.00", 3], subject: recognizing("10.00") },
      },
    ),
  "a release by the three fields": async () => {
    const { reservationId, fields } = await reserved();
    const after: Made["after"] = ["100.00", "0.00", 3];
    const body = { ...fields, comment: "Given up" };
    return { kind: "release", path: "/v1/releases", body, reservationId, amount: "40.00", after };
  },
  "a release by id of all that remains": async () =>
    await byId("release", "releases", {}, { amount: "40.00", after: ["100.00", "0.00", 3] }),
  "a release by id of a part": async () =>
    await byId("release", "releases", { amount: "15.00", comment: "Half-way" }, { after: ["75.00", "25.00", 3] }),
  "an extension": async () => await byId("extension", "extensions", { ttlSeconds: 2_592_000 }, { setsDeadline: true }),
  "a refund of all": async () => await refund({}, { amount: "40.00", after: ["100.00", "0.00", 4] }),
  "a refund of a part": async () =>
    await refund({ amount: "15.00", comment: "Too dear" }, { after: ["75.00", "0.00", 4] }),
};

/** A recognition without refunds, and the released part of a final one. */
function recognizing(refundable: string, released?: string): object {
  return { refunded: "0.00", refundable, ...(released && { released }) };
}

async function byId(
  kind: string,
  route: "recognitions" | "releases" | "extensions",
  body: Record<string, unknown>,
  rest: Partial<Made>,
): Promise<Made> {
  const { reservationId, fields } = await reserved();
  const subject = { ...fields, ...rest.subject };
  return { kind, path: pathOf(reservationId, route), body, reservationId, byId: true, ...rest, subject };
}

async function refund(body: Record<string, unknown>, rest: Partial<Made>): Promise<Made> {
  const { reservationId, fields: subject } = await reserved();
  const { operationId: recognitionId } = await settle(reservationId, "recognitions");
  return { kind: "refund", path: "/v1/refunds", body: { recognitionId, ...body }, reservationId, subject, ...rest };
}
