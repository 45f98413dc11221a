import type { Request } from "autocannon";
import { MERCHANT, type ScenarioName, USERS, userId } from "./scenarios.ts";

/** State of one round of a connection: its keys and the reservation that it made. */
type Round = { keys?: string[]; reservationId?: string | undefined };

export type Recorder = {
  /** A new idempotency key. */
  nextKey(): string;
  /** Called for each request. */
  sent(): void;
  /** Called for each response, with the keys of the operations that it completed. */
  answered(status: number, keys: string[], completed: number): void;
};

/** The requests that each connection repeats. */
export function createRequests(scenario: ScenarioName, recorder: Recorder): Request[] {
  const money = (path: string, makeBody: () => object): Request => operation(() => path, makeBody, recorder);
  const reserve: Request = money("/v1/reservations", () => ({
    ...{ userId: randomUser(), serviceId: "promotion", orderId: `order-${recorder.nextKey()}` },
    ...{ amount: "0.01", ttlSeconds: 86_400 },
  }));
  switch (scenario) {
    case "transfers":
      return [money("/v1/transfers", makeTransfer)];
    case "hot-receiver":
      return [money("/v1/transfers", () => ({ fromUserId: randomUser(), toUserId: MERCHANT, amount: "0.01" }))];
    case "deposits":
      return [money("/v1/deposits", () => ({ userId: randomUser(), amount: "0.01" }))];
    case "reserve-recognize":
      return [
        reserve,
        operation(
          ({ reservationId }) => reservationId && `/v1/reservations/${reservationId}/recognitions`,
          () => ({}),
          recorder,
        ),
      ];
    case "batches-of-100":
      return [batch(100, recorder)];
    case "batches-of-1000":
      return [batch(1000, recorder)];
    case "balance-reads":
      return [read(() => `/v1/users/${randomUser()}/balance`, recorder)];
    case "empty-workflow":
      return [{ ...read(() => "/v1/empty", recorder), method: "POST" }];
  }
}

/** A path of undefined skips the request, because the reservation before it was not made. */
function operation(path: (round: Round) => string | undefined, makeBody: () => object, recorder: Recorder): Request {
  return {
    method: "POST",
    setupRequest(request, round: Round) {
      const target = path(round);
      // autocannon skips an undefined request, but its types do not allow one.
      if (!target) return undefined as unknown as Request;
      const key = recorder.nextKey();
      round.keys = [key];
      recorder.sent();
      const headers = { ...request.headers, "idempotency-key": key };
      return { ...request, headers, path: target, body: JSON.stringify(makeBody()) };
    },
    onResponse(status, body, round: Round) {
      const completed = status === 200 ? (round.keys ?? []) : [];
      if (completed.length > 0) round.reservationId = /"operationId":"([^"]+)"/.exec(body)?.[1];
      recorder.answered(status, completed, completed.length);
    },
  };
}

function batch(size: number, recorder: Recorder): Request {
  return {
    method: "POST",
    path: "/v1/batches",
    setupRequest(request, round: Round) {
      recorder.sent();
      round.keys = Array.from({ length: size }, () => recorder.nextKey());
      const operations = round.keys.map((idempotencyKey) => ({ kind: "transfer", idempotencyKey, ...makeTransfer() }));
      return { ...request, body: JSON.stringify({ operations }) };
    },
    onResponse(status, body, { keys = [] }: Round) {
      const outcomes: { status: string }[] = status === 200 ? JSON.parse(body).operations : [];
      const completed = keys.filter((_, index) => outcomes[index]?.status === "completed");
      recorder.answered(status, completed, completed.length);
    },
  };
}

function read(path: () => string, recorder: Recorder): Request {
  return {
    method: "GET",
    setupRequest(request) {
      recorder.sent();
      return { ...request, path: path() };
    },
    onResponse(status) {
      recorder.answered(status, [], status === 200 ? 1 : 0);
    },
  };
}

function makeTransfer() {
  const from = Math.floor(Math.random() * USERS);
  const to = (from + 1 + Math.floor(Math.random() * (USERS - 1))) % USERS;
  return { fromUserId: userId(from), toUserId: userId(to), amount: "0.01" };
}

function randomUser(): string {
  return userId(Math.floor(Math.random() * USERS));
}
