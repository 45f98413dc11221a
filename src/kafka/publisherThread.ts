import { Worker, type WorkerOptions } from "node:worker_threads";
import type { OnConnection } from "../lib/connections.ts";
import type { KafkaSettings } from "./client.ts";
import type { EventMessage } from "./events.ts";
import type { Publisher } from "./publisher.ts";
import type { ConnectionNote, PublishRequest, PublishResult } from "./publisherWorker.ts";

/**
 * Runs the publisher in a worker thread, which starts with the first publication.
 * Under load the client's work on events is a quarter of a process's, and in a thread it delays no request. A thread
 * that fails rejects its pending publications, and the next publication starts another.
 */
export function createPublisherThread(
  settings: KafkaSettings,
  onConnection: OnConnection = () => {},
  threadOptions: WorkerOptions = {},
): Publisher {
  let current: Thread | undefined;
  let isClosed = false;

  return {
    async publish(messages: EventMessage[], headers: Record<string, string> = {}): Promise<void> {
      if (isClosed) throw new Error("Publishing has ended");
      current ??= startThread(settings, onConnection, threadOptions, (ended) => {
        if (current === ended) current = undefined;
      });
      await current.send(messages, headers);
    },

    async close(): Promise<void> {
      isClosed = true;
      await current?.end();
    },
  };
}

type Thread = {
  send(messages: EventMessage[], headers: Record<string, string>): Promise<void>;
  end(): Promise<unknown>;
};

function startThread(
  settings: KafkaSettings,
  onConnection: OnConnection,
  threadOptions: WorkerOptions,
  onEnded: (thread: Thread) => void,
): Thread {
  const program = new URL("./publisherWorker.ts", import.meta.url);
  const worker = new Worker(program, { ...threadOptions, workerData: settings });
  const pending = new Map<number, PromiseWithResolvers<void>>();
  let lastId = 0;

  const thread: Thread = {
    send(messages, headers) {
      lastId += 1;
      const publication = Promise.withResolvers<void>();
      pending.set(lastId, publication);
      worker.postMessage({ id: lastId, messages, headers } satisfies PublishRequest);
      return publication.promise;
    },
    end: () => worker.terminate(),
  };

  function fail(error: unknown): void {
    onEnded(thread);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }
  worker.on("message", (message: PublishResult | ConnectionNote) => {
    if (!("id" in message)) {
      onConnection(message.failure && new Error(message.failure));
      return;
    }
    const { id, error } = message;
    if (error === undefined) pending.get(id)?.resolve();
    else pending.get(id)?.reject(new Error(error));
    pending.delete(id);
  });
  worker.on("error", (error) => {
    fail(error);
    void worker.terminate();
  });
  worker.on("exit", () => fail(new Error("The publishing thread has ended")));
  return thread;
}
