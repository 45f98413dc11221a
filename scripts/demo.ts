import { loadConfig } from "../src/config.ts";
import { type Answer, createTourClient, expectThat } from "./demo/client.ts";
import { describeEvent, listen } from "./demo/notifications.ts";
import { mintToken } from "./keys.ts";
import { createStack } from "./stack.ts";
import { print } from "./terminal.ts";

type Operation = { kind: "deposits" | "withdrawals" | "transfers"; key: string; body: Record<string, string> };

const pollMs = 100;
const pollsMax = 100;

/** A tour over HTTP on users of its own: every request, its answer, and the events that follow. */
export async function runDemo(): Promise<void> {
  const { environment, ports } = createStack("demo");
  const address = `http://localhost:${ports.api}`;
  const { currency, kafkaBrokers, temporalUiUrl } = loadConfig(environment);
  const token = await mintToken();
  const client = createTourClient(address, token);
  const run = Date.now().toString(36);
  const alice = `alice-${run}`;
  const bob = `bob-${run}`;
  const receiveEvents = await listen(kafkaBrokers, [alice, bob]);

  /** Waits for the outcome; `status` is the expected one. */
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

  title("Alice pays in by card; billing waits for the outcome (Prefer: wait)");
  await post(
    {
      kind: "deposits",
      key: "card-alice",
      body: { userId: alice, amount: "1500", source: "Visa 4242", comment: "Top-up" },
    },
    200,
  );

  title("Bob pays in; billing does not wait: 202 is not success yet");
  const { body: pending } = await client.show(
    {
      method: "POST",
      path: "/v1/deposits",
      headers: { "Idempotency-Key": `card-bob-${run}` },
      body: { userId: bob, amount: "20.50", source: "Mastercard 5454" },
    },
    202,
  );
  const { operation, temporal } = pending.links as { operation: string; temporal: string };
  print(`  workflow: ${temporal}`);
  title("... it asks until the operation is finished");
  for (let polls = 0; (await client.send({ method: "GET", path: operation })).body.status === "pending"; polls++) {
    expectThat(polls < pollsMax, "Bob's deposit was not finished in time");
    await Bun.sleep(pollMs);
  }
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

  title("Bob wants more than he has: declined, nothing changes, and the answer is final");
  const { body: declined } = await post(
    { kind: "withdrawals", key: "too-much", body: { userId: bob, amount: "1000000" } },
    422,
  );
  expectThat(declined.code === "insufficient_funds", `the withdrawal was declined as ${declined.code}`);

  title("Alice's transfer again, as after a lost answer: the same key is the same operation, money moves once");
  const replay = await post(dinner, 200);
  expectThat(replay.headers.get("Idempotency-Replayed") === "true", "the replay is not marked as one");
  expectThat(replay.body.operationId === sent.operationId, "the replay is another operation");

  title("Balances: from the cache, and straight from the ledger");
  await showBalance(alice, "", "1070.00");
  await showBalance(bob, "?consistency=strong", "150.50");

  title("What a notification service gets from Kafka: each event once (by id), in order (by version)");
  const events = await receiveEvents(7);
  for (const event of events) print(`  to ${event.data.userId}: ${describeEvent(event, currency)}`);
  title("One of these events as it stands in the topic");
  print(JSON.stringify(events[0], undefined, 2));

  title("Now you");
  print(`API          ${address}`);
  print(`API document ${address}/swagger`);
  print(`Temporal     ${temporalUiUrl}`);
  print(`Token        ${token}`);
  print(`Try          curl -H "Authorization: Bearer $(./dev token)" ${address}/v1/users/${alice}/balance`);
}

function title(text: string): void {
  print(`\n== ${text}`);
}
