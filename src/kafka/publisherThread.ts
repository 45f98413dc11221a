import { Worker } from "node:worker_threads";
import type { EventMessage } from "./events.ts";
import type { Publisher } from "./publisher.ts";
import type { Answered, Asked } from "./publisherWorker.ts";

/**
 * The publisher in a thread of its own, which begins with the first publication. What the client does to each event before it is sent is a
 * quarter of a process's work under load, and no request has to wait for it. A thread that breaks down fails what it was asked, and the
 * next publication begins another.
 */
export function createPublisherThread(brokers: string[]): Publisher {
  const underWay = new Map<number, PromiseWithResolvers<void>>();
  let asked = 0;
  let thread: Worker | undefined;

  function begin(): Worker {
    const begun = new Worker(new URL("./publisherWorker.ts", import.meta.url), { workerData: { brokers } });
    begun.on("message", ({ id, error }: Answered) => {
      if (error === undefined) underWay.get(id)?.resolve();
      else underWay.get(id)?.reject(new Error(error));
      underWay.delete(id);
    });
    const fail = (error: Error) => {
      if (thread === begun) thread = undefined;
      for (const { reject } of underWay.values()) reject(error);
      underWay.clear();
    };
    begun.on("error", fail);
    begun.on("exit", () => fail(new Error("The publishing thread has ended")));
    return begun;
  }

  return {
    publish(messages: EventMessage[], headers: Record<string, string> = {}): Promise<void> {
      thread ??= begin();
      asked += 1;
      const publication = Promise.withResolvers<void>();
      underWay.set(asked, publication);
      thread.postMessage({ id: asked, messages, headers } satisfies Asked);
      return publication.promise;
    },

    async close(): Promise<void> {
      await thread?.terminate();
    },
  };
}
