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
  let current: Thread | undefined;
  let isClosed = false;

  return {
    async publish(messages: EventMessage[], headers: Record<string, string> = {}): Promise<void> {
      if (isClosed) throw new Error("Publishing has ended");
      current ??= begin(brokers, (ended) => {
        if (current === ended) current = undefined;
      });
      await current.ask(messages, headers);
    },

    async close(): Promise<void> {
      isClosed = true;
      await current?.end();
    },
  };
}

type Thread = {
  ask(messages: EventMessage[], headers: Record<string, string>): Promise<void>;
  end(): Promise<unknown>;
};

function begin(brokers: string[], onEnded: (thread: Thread) => void): Thread {
  const worker = new Worker(new URL("./publisherWorker.ts", import.meta.url), { workerData: { brokers } });
  const underWay = new Map<number, PromiseWithResolvers<void>>();
  let asked = 0;

  const thread: Thread = {
    ask(messages, headers) {
      asked += 1;
      const publication = Promise.withResolvers<void>();
      underWay.set(asked, publication);
      worker.postMessage({ id: asked, messages, headers } satisfies Asked);
      return publication.promise;
    },
    end: () => worker.terminate(),
  };

  function fail(error: unknown): void {
    onEnded(thread);
    for (const { reject } of underWay.values()) reject(error);
    underWay.clear();
  }
  worker.on("message", ({ id, error }: Answered) => {
    if (error === undefined) underWay.get(id)?.resolve();
    else underWay.get(id)?.reject(new Error(error));
    underWay.delete(id);
  });
  worker.on("error", (error) => {
    fail(error);
    void worker.terminate();
  });
  worker.on("exit", () => fail(new Error("The publishing thread has ended")));
  return thread;
}
