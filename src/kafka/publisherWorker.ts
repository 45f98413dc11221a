import { parentPort, workerData } from "node:worker_threads";
import { describeChain } from "../lib/connections.ts";
import type { KafkaSettings } from "./client.ts";
import type { EventMessage } from "./events.ts";
import { createPublisher } from "./publisher.ts";

// The worker thread of publisherThread.ts: publishes each request, and posts its result.

export type PublishRequest = { id: number; messages: EventMessage[]; headers: Record<string, string> };
/** `error` is the message of a failed publication. */
export type PublishResult = { id: number; error?: string };

/** The outcome of a connection. `failure` describes a failed one: a thread cannot pass all of an error. */
export type ConnectionNote = { failure?: string };

const publisher = createPublisher(workerData as KafkaSettings, (error) => {
  parentPort!.postMessage((error === undefined ? {} : { failure: describeChain(error) }) satisfies ConnectionNote);
});

parentPort!.on("message", async ({ id, messages, headers }: PublishRequest) => {
  const result: PublishResult = await publisher.publish(messages, headers).then(
    () => ({ id }),
    (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
  );
  parentPort!.postMessage(result);
});
