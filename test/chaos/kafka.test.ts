import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { get, stack } from "../support/api/client.ts";
import { awaitEvents } from "../support/kafka/events.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";
import { depositOne, eventIdOf } from "../support/temporal/depositCarriers.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { awaitDetails } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";

let webUi: WebUi;
beforeAll(async () => {
  webUi = await openWebUi();
});
afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

describe.each<Outage>(["stopped", "killed", "frozen"])("While Kafka is %s", (outage) => {
  test("deposits complete, a carrier waits with its last error visible, and events are published afterwards", async () => {
    const userId = uniqueUserId("kafka");
    const deposits = await withOutage("kafka", outage, async () => {
      const answers = [await depositOne(userId), await depositOne(userId), await depositOne(userId)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      const { operationId, workflowId } = answers[0]!.body;
      const error = await eventually(() => webUi.pendingError(workflowId, "publishEvents"), 20_000);
      expect(error).toMatch(new RegExp(`^Kafka 127.0.0.1:${stack.ports.kafka}(: | did not complete within ).+`));
      const details = await awaitDetails(webUi.client.workflow.getHandle(workflowId), "Kafka");
      expect(details).toStartWith("Committed; ");
      expect((await get(`/v1/operations/${operationId}`)).body.status).toBe("completed");
      return answers;
    });
    const events = await awaitEvents(deposits.map(eventIdOf), 60_000);
    expect(events.map(({ data }) => data.version)).toEqual([1, 2, 3]);
  });
});
