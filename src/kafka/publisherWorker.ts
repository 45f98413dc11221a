import { parentPort, workerData } from "node:worker_threads";
import type { EventMessage } from "./events.ts";
import { createPublisher } from "./publisher.ts";

// What publisherThread.ts starts: publishes what it is sent, and says of each what became of it.

export type Asked = { id: number; messages: EventMessage[]; headers: Record<string, string> };
/** `error` says what is wrong where it failed. */
export type Answered = { id: number; error?: string };

const publisher = createPublisher((workerData as { brokers: string[] }).brokers);

parentPort!.on("message", async ({ id, messages, headers }: Asked) => {
  const answered: Answered = await publisher.publish(messages, headers).then(
    () => ({ id }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  parentPort!.postMessage(answered);
});
