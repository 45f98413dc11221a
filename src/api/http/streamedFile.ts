import type { Logger } from "pino";

export type StreamOptions = {
  /** Breaks off every file when it aborts, since a slow reader would delay a stop. */
  ending: AbortSignal;
  log: Pick<Logger, "warn">;
};

export type Connection = { request: Request; server: Bun.Server<unknown> | null };

/** Closes a connection whose reader takes nothing any more. The shortest timeout of Bun. */
const STALLED_SECONDS = 1;

/**
 * Streams a file in pieces. A piece is written whenever the reader has taken the one before.
 *
 * An error closes the connection without the last chunk, so that a part never looks like the whole.
 */
export function streamFile(
  pieces: AsyncGenerator<string | Uint8Array>,
  { request, server }: Connection,
  { ending, log }: StreamOptions,
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  return new ReadableStream(
    {
      start(controller) {
        const breakOff = () => {
          controller.error(new Error("The process is stopping"));
          server?.timeout(request, STALLED_SECONDS);
        };
        ending.addEventListener("abort", breakOff, { signal: over.signal });
      },
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(typeof value === "string" ? Buffer.from(value, "utf8") : value);
          controller.close();
        } catch (error) {
          log.warn({ err: error }, "A file broke off");
          controller.error(error);
        }
        over.abort();
      },
      async cancel() {
        over.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The same pieces. The first one is read at once, so that its errors precede the answer. */
export async function readAhead(pieces: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await pieces.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* pieces;
  })();
}
