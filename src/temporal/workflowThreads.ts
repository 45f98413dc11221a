import workerThreads from "node:worker_threads";

/** Bun's options of a thread: modules that are loaded before its program, and its parameters. */
export type ThreadOptions = { preload: string[]; argv: string[] };

/**
 * Adds options to the threads that are started meanwhile.
 * The SDK runs workflows in threads of its own and has no setting for them. A preloaded module makes their console log.
 */
export async function withThreadOptions<Result>(added: ThreadOptions, start: () => Promise<Result>): Promise<Result> {
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(program: string | URL, options: object) {
      super(program, { ...options, ...added });
    }
  };
  try {
    return await start();
  } finally {
    workerThreads.Worker = Worker;
  }
}
