import { expect, test } from "bun:test";
import { post } from "../support/api/client.ts";
import { readTopicSettings } from "../support/kafka/topic.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

test("Saldo creates the topic with three replicas, of which two acknowledge each event", async () => {
  await post("/v1/deposits", { userId: uniqueUserId("topic"), amount: "1.00" }, { wait: 10 });
  const { replicas, settings } = await eventually(() => readTopicSettings(["min.insync.replicas"]), 30_000);
  expect(replicas).toEqual([3]);
  expect(settings).toEqual({ "min.insync.replicas": "2" });
});
