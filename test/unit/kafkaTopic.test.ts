import { expect, test } from "bun:test";
import { createMissingTopic } from "../../src/kafka/publisher.ts";

/** Creates the topic in a Kafka that lists these topics. Returns the topics that were created. */
async function createdBeside(...listed: string[]): Promise<string[]> {
  const created: string[] = [];
  await createMissingTopic({
    listTopics: async () => listed,
    async createTopics({ topics }) {
      created.push(...topics.map(({ topic }) => topic));
      return true;
    },
  });
  return created;
}

test("the topic is created where it is missing, and its creation is not requested where it exists", async () => {
  expect(await createdBeside("other")).toEqual(["saldo.operations"]);
  expect(await createdBeside("other", "saldo.operations")).toEqual([]);
});
