import { connect, createServer, type Server, type Socket } from "node:net";

/** API keys of the Kafka protocol. */
const PRODUCE = 0;
const METADATA = 3;

export type KafkaProxy = AsyncDisposable & {
  /** host:port, to be configured as the only broker. */
  address: string;
  /** Number of produce requests that were forwarded to the broker. */
  produceRequests(): number;
  /**
   * Holds back the next produce response and all that follow it on its connection.
   *
   * Resolves once a response is held, so the message is appended.
   */
  holdAnswers(): Promise<void>;
  /** Resolves once this many produce requests were forwarded to the broker. */
  awaitProduceRequests(count: number): Promise<void>;
  /** Cuts every connection, discards all that is held back, and accepts new connections. */
  cut(): void;
};

/**
 * A proxy between a client and the broker that can lose the broker's responses.
 *
 * Metadata responses contain the broker's address. They are rewritten, or clients would bypass the proxy.
 */
export async function createKafkaProxy(brokerPort: number, listenPort = 0): Promise<KafkaProxy> {
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  let produceRequests = 0;
  let held: PromiseWithResolvers<void> | undefined;

  const server = createServer((client) => {
    const broker = connect({ host: "127.0.0.1", port: brokerPort });
    /** Number of the produce request, by correlation id. */
    const pendingRequests = new Map<number, number>();
    let isHeld = false;

    forwardFrames(client, broker, (frame) => {
      const api = frame.readInt16BE(4);
      pendingRequests.set(frame.readInt32BE(8), api);
      if (api === METADATA && frame.readInt16BE(6) < 3) throw new Error("Metadata of an unknown version");
      if (api === PRODUCE) {
        produceRequests += 1;
        for (const look of watchers) look();
      }
      return frame;
    });
    forwardFrames(broker, client, (frame) => {
      const api = pendingRequests.get(frame.readInt32BE(4));
      if (held !== undefined && api === PRODUCE) {
        isHeld = true;
        held.resolve();
      }
      if (isHeld) return undefined;
      return api === METADATA ? rewriteAddresses(frame, listeningPort(server)) : frame;
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(listenPort, "127.0.0.1", resolve));

  function cut(): void {
    held = undefined;
    for (const socket of sockets) socket.destroy();
  }

  return {
    address: `127.0.0.1:${listeningPort(server)}`,
    produceRequests: () => produceRequests,
    holdAnswers() {
      held = Promise.withResolvers();
      return held.promise;
    },
    awaitProduceRequests: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (produceRequests < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listeningPort(server: Server): number {
  return (server.address() as { port: number }).port;
}

/**
 * Forwards frames: four bytes of length, then the payload. `pass` returns the frame to forward, or undefined to drop
 * it.
 */
function forwardFrames(from: Socket, to: Socket, pass: (frame: Buffer) => Buffer | undefined): void {
  let received = Buffer.alloc(0);
  from.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      const frame = pass(Buffer.from(received.subarray(0, end)));
      received = received.subarray(end);
      if (frame !== undefined) to.write(frame);
    }
  });
}

/**
 * Rewrites the port in a metadata response.
 *
 * Versions 3 to 8 hold length, correlation id, throttle time, then the brokers: id, host, port, rack.
 */
function rewriteAddresses(frame: Buffer, port: number): Buffer {
  let at = 12;
  const brokers = frame.readInt32BE(at);
  at += 4;
  for (let index = 0; index < brokers; index += 1) {
    at += 4;
    at += 2 + frame.readInt16BE(at);
    frame.writeInt32BE(port, at);
    at += 4;
    at += 2 + Math.max(0, frame.readInt16BE(at));
  }
  return frame;
}
