import { readFileSync } from "node:fs";
import {
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Certificate, Certificates } from "./certificates.ts";

export type TemporalFront = AsyncDisposable & {
  /** host:port of the front. */
  address: string;
  /** Cuts every connection with this client certificate, and refuses further ones. */
  refuse(client: string): void;
  /** The API keys that it accepts: two while a key rotates. */
  apiKeys: Set<string>;
  /** The API key of the latest call. */
  latestKey(): string | undefined;
  /** Subjects of the client certificates of all connections. */
  clients: string[];
};

/** A front of Temporal that asks for a client certificate and an API key. */
export async function startTemporalFront(
  backend: string,
  server: Certificate,
  { ca }: Certificates,
  port: number,
  apiKey: string,
): Promise<TemporalFront> {
  const upstream = connect(`http://${backend}`);
  const sessions = new Map<ServerHttp2Session, string>();
  const refused = new Set<string>();
  const clients: string[] = [];
  const apiKeys = new Set([apiKey]);
  let latestKey: string | undefined;
  const front = createSecureServer({
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ca: readFileSync(ca),
    requestCert: true,
    rejectUnauthorized: true,
  });
  front.on("session", (session) => {
    const name = (session.socket as TLSSocket).getPeerCertificate().subject?.CN as string;
    clients.push(name);
    if (refused.has(name)) session.destroy();
    sessions.set(session, name);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  front.on("tlsClientError", () => {});
  front.on("stream", (stream: ServerHttp2Stream, headers) => {
    latestKey = headers.authorization?.replace(/^Bearer /, "");
    if (apiKeys.has(latestKey ?? "")) forward(upstream.request(withoutScheme(headers)), stream);
    else
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "16" }, { endStream: true });
  });
  await new Promise<void>((resolve) => front.listen(port, "127.0.0.1", resolve));
  return {
    address: `localhost:${port}`,
    clients,
    refuse(client) {
      refused.add(client);
      for (const [session, name] of sessions) if (name === client) session.destroy();
    },
    apiKeys,
    latestKey: () => latestKey,
    async [Symbol.asyncDispose]() {
      for (const session of sessions.keys()) session.destroy();
      upstream.destroy();
      front.close();
    },
  };
}

function withoutScheme(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, [constants.HTTP2_HEADER_SCHEME]: "http" };
}

/** Passes a call on with its trailers, which hold gRPC's status. */
function forward(call: ReturnType<ReturnType<typeof connect>["request"]>, stream: ServerHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  call.on("response", (headers, flags) => {
    stream.respond(
      headers,
      flags & constants.NGHTTP2_FLAG_END_STREAM ? { endStream: true } : { waitForTrailers: true },
    );
  });
  call.on("trailers", (received) => {
    trailers = received;
  });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  for (const [one, other] of [
    [call, stream],
    [stream, call],
  ] as const) {
    one.on("error", () => other.close(constants.NGHTTP2_CANCEL));
    one.on("aborted", () => other.close(constants.NGHTTP2_CANCEL));
  }
  stream.pipe(call);
  call.pipe(stream);
}
