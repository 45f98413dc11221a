import { Client, Connection } from "@temporalio/client";
import { loadConfig } from "../../../src/config.ts";
import { mintToken } from "../../keys.ts";
import { createStack } from "../../stack/stack.ts";
import { print } from "../../terminal.ts";
import { type Answer, createTourClient, expectThat } from "./client.ts";
import { describeEvent, listen } from "./notifications.ts";
import { tourReport } from "./report.ts";

type Operation = {
  /** The path after /v1/. */
  kind: string;
  key: string;
  body: Record<string, string | number | boolean>;
};

const pollMs = 100;
const pollsMax = 100;

/** Runs a tour over HTTP with new users; prints requests, responses and events. */
export async function runDemo(): Promise<void> {
  const { environment, ports } = createStack("demo");
  const address = `http://localhost:${ports.api}`;
  const { currency, kafka, reportTimeZone, temporalUiUrl } = loadConfig(environment);
  const token = await mintToken();
  const client = createTourClient(address, token);
  const run = Date.now().toString(36);
  const alice = `alice-${run}`;
  const bob = `bob-${run}`;
  const receiveEvents = await listen(kafka.brokers, [alice, bob]);

  /** Sends an operation and waits for its outcome; `status` is the expected HTTP status. */
  async function post({ kind, key, body }: Operation, status: number): Promise<Answer> {
    const headers = { "Idempotency-Key": `${key}-${run}`, Prefer: "wait=10" };
    const answer = await client.show({ method: "POST", path: `/v1/${kind}`, headers, body }, status);
    print(`  workflow: ${temporalUiUrl}/namespaces/default/workflows/${answer.body.workflowId}`);
    return answer;
  }

  async function showBalance(userId: string, query: string, available: string): Promise<void> {
    const { body } = await client.show({ method: "GET", path: `/v1/users/${userId}/balance${query}` }, 200);
    expectThat(body.available === available, `${userId} has ${body.available}, not ${available}`);
  }

  title("Alice deposits by card; billing waits for the outcome (Prefer: wait)");
  await post(
    {
      kind: "deposits",
      key: "card-alice",
      body: { userId: alice, amount: "1500", source: "Visa 4242", comment: "Top-up" },
    },
    200,
  );

  title("Bob deposits; billing does not wait: 202 means accepted, not completed");
  const { body: pending } = await client.show(
    {
      method: "POST",
      path: "/v1/deposits",
      headers: { "Idempotency-Key": `card-bob-${run}`, Prefer: "respond-async" },
      body: { userId: bob, amount: "20.50", source: "Mastercard 5454" },
    },
    202,
  );
  const { operation, temporal } = pending.links as { operation: string; temporal: string };
  print(`  workflow: ${temporal}`);
  title("... billing polls until the operation is finished");
  await until(
    async () => (await client.send({ method: "GET", path: operation })).body.status !== "pending",
    "Bob's deposit was not finished",
  );
  const { body: finished } = await client.show({ method: "GET", path: operation }, 200);
  expectThat(finished.status === "completed", `Bob's deposit is ${finished.status}`);

  title("Alice sends money to Bob");
  const dinner: Operation = {
    kind: "transfers",
    key: "dinner",
    body: { fromUserId: alice, toUserId: bob, amount: "150.00", comment: "Dinner" },
  };
  const { body: sent } = await post(dinner, 200);

  title("Bob sends some back");
  await post(
    { kind: "transfers", key: "change", body: { fromUserId: bob, toUserId: alice, amount: "20", comment: "Change" } },
    200,
  );

  title("Alice withdraws");
  await post(
    { kind: "withdrawals", key: "payout", body: { userId: alice, amount: "300.00", destination: "Visa 4242" } },
    200,
  );

  title("Bob withdraws more than he has: declined, nothing changes, and the outcome is final");
  const { body: declined } = await post(
    { kind: "withdrawals", key: "too-much", body: { userId: bob, amount: "1000000" } },
    422,
  );
  expectThat(declined.code === "insufficient_funds", `the withdrawal was declined as ${declined.code}`);

  title("Alice's transfer is replayed, as after a lost response: the same key is the same operation, money moves once");
  const replay = await post(dinner, 200);
  expectThat(replay.headers.get("Idempotency-Replayed") === "true", "the replay has no Idempotency-Replayed header");
  expectThat(replay.body.operationId === sent.operationId, "the replay is another operation");

  title("Balances: from the cache, and from the ledger (consistency=strong)");
  await showBalance(alice, "", "1070.00");
  await showBalance(bob, "?consistency=strong", "150.50");

  await tourReservations(post, client, alice, environment);

  title("Revenue of each service in this month, for accounting: provisional until the month ends");
  await tourReport(client, reportTimeZone);

  title("Events that a notification service reads from Kafka: deduplicated by id, ordered by version");
  const events = await receiveEvents(17);
  for (const event of events) print(`  to ${event.data.userId}: ${describeEvent(event, currency)}`);
  title("The message of one of these events in the topic");
  print(JSON.stringify(events[0], undefined, 2));

  title("Alice's statement: its newest entry, and the descriptions of all entries");
  const statement = `/v1/users/${alice}/transactions`;
  await client.show({ method: "GET", path: `${statement}?limit=1` }, 200);
  const { body: page } = await client.send({ method: "GET", path: `${statement}?order=asc` });
  for (const entry of page.items as { createdAt: string; description: string }[]) {
    print(`  ${entry.createdAt}  ${entry.description}`);
  }

  title("Try it yourself");
  print(`API          ${address}`);
  print(`API document ${address}/swagger`);
  print(`Temporal     ${temporalUiUrl}`);
  print(`Token        ${token}`);
  print(`Try          curl -H "Authorization: Bearer $(./dev token)" ${address}/v1/users/${alice}/balance`);
  print(`Look for     ${alice}, ${bob} or order-1 in the console, with this token`);
  print(`Console      ${address}/console`);
}

/** Reserves money for a paid service, then recognizes, releases, expires or cancels the reservation. */
async function tourReservations(
  post: (operation: Operation, status: number) => Promise<Answer>,
  client: ReturnType<typeof createTourClient>,
  userId: string,
  environment: Record<string, string>,
): Promise<void> {
  const reserve = async (orderId: string, amount: string, ttlSeconds: number): Promise<string> => {
    const body = { userId, serviceId: "promotion", serviceName: "Ad promotion", orderId, amount, ttlSeconds };
    const answer = await post({ kind: "reservations", key: orderId, body }, 200);
    return answer.body.reservationId as string;
  };
  const settled = async (reservationId: string, parts: Record<string, string>): Promise<void> => {
    const path = `/v1/reservations/${reservationId}`;
    await until(
      async () => (await client.send({ method: "GET", path })).body.state === "settled",
      `${path} was not settled`,
    );
    const { body } = await client.show({ method: "GET", path }, 200);
    for (const [part, amount] of Object.entries(parts)) {
      expectThat(body[part] === amount, `${path} has ${part} ${body[part]}, not ${amount}`);
    }
  };

  title("Alice orders a promotion: the money is reserved before the service starts");
  const promotion = await reserve("order-1", "40.00", 3600);

  title("A first part is delivered and recognized as revenue; the rest stays reserved");
  const { body: part } = await post(
    { kind: `reservations/${promotion}/recognitions`, key: "part", body: { amount: "10.00", final: false } },
    200,
  );

  title("The rest is recognized by user, service, order and amount, without the reservation's id");
  await post(
    {
      kind: "recognitions",
      key: "rest",
      body: { userId, serviceId: "promotion", orderId: "order-1", amount: "30.00" },
    },
    200,
  );
  await settled(promotion, { recognized: "40.00", remaining: "0.00" });

  title("The first part was faulty: half of it is refunded to Alice from the service's revenue");
  await post(
    { kind: "refunds", key: "refund", body: { recognitionId: part.operationId as string, amount: "5.00" } },
    200,
  );

  title("Another order is cancelled: its reservation is released by user, service and order");
  const calledOff = await reserve("order-2", "15.00", 3600);
  await post(
    { kind: "releases", key: "called-off", body: { userId, serviceId: "promotion", orderId: "order-2" } },
    200,
  );
  await settled(calledOff, { released: "15.00" });

  title("A reservation without any further request expires after two seconds");
  await settled(await reserve("order-3", "20.00", 2), { expired: "20.00" });

  title("An operator cancels a reservation's saga, as in the Temporal Web UI: the money is released");
  const cancelled = await reserve("order-4", "25.00", 3600);
  await cancelWorkflow(environment, `reservation-${cancelled}`);
  await settled(cancelled, { released: "25.00" });
}

/** Sends the same request as the Web UI's button "Request Cancellation". */
async function cancelWorkflow(environment: Record<string, string>, workflowId: string): Promise<void> {
  const { temporal } = loadConfig(environment);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  await client.workflow.getHandle(workflowId).cancel();
  await connection.close();
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let polls = 0; !(await holds()); polls++) {
    expectThat(polls < pollsMax, `${otherwise} in time`);
    await Bun.sleep(pollMs);
  }
}

function title(text: string): void {
  print(`\n== ${text}`);
}
