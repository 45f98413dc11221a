/**
 * The pieces as the body of a response.
 *
 * The next piece is read when the client has taken the last one, so memory holds one or two. An error ends the
 * connection before the end of the body: the client sees a download that failed.
 */
export function toStream(pieces: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  });
}
