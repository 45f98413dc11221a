import pg from "pg";
import type { OnConnection } from "../lib/connections.ts";
import { readSecret, type Secret } from "../lib/secrets.ts";
import { readTls, type TlsSettings, usesTls } from "../lib/tls.ts";

/** Timeout of a search for the primary. A pool waits 2 s for a connection. */
const SEARCH_TIMEOUT_MS = 1_500;

/** `sslmode=verify-full` in the address turns on TLS. */
export type DatabaseSettings = { url: Secret; tls: TlsSettings };

export type Database = ReturnType<typeof createDatabase>;

/**
 * Creates the client class of a process's pools. Its connections follow the primary among several hosts.
 * The address may list hosts: `postgres://user:password@one:5432,two:5432/saldo`. The first that accepts writes is used
 * until a connection or a statement fails, and is searched again then. As soon as another host is the primary, all
 * connections to the former one are cut. Strong reads from it would be stale, and a frozen one would delay each caller.
 *
 * Each new connection reads the address and the certificates anew, so they may rotate. `onConnection` is called with
 * the outcome of each.
 */
export function createDatabase(settings: DatabaseSettings, onConnection: OnConnection = () => {}) {
  const clients = new Set<PrimaryClient>();
  /** Undefined while it has to be searched. */
  let primary: Host | undefined;
  let searching: Promise<Host> | undefined;
  let hasFound = false;

  /** Returns the present primary. Concurrent callers share one search, and searches do not overlap. */
  async function findPrimary(): Promise<Host> {
    if (primary) return primary;
    searching ??= searchAnew().finally(() => {
      searching = undefined;
    });
    return searching;
  }

  async function searchAnew(): Promise<Host> {
    const found = await search(listHosts(settings));
    for (const client of clients) if (client.current?.name !== found.name) client.cut();
    primary = found;
    hasFound = true;
    return found;
  }

  class PrimaryClient extends pg.Client {
    current: Host | undefined;
    private readonly hosts: Host[] | Error;

    constructor(options?: pg.ClientConfig) {
      const hosts = attempt(() => listHosts(settings));
      super({ ...options, ...(hosts instanceof Error ? {} : hosts[0]!.config) });
      this.hosts = hosts;
      // A connection may break before the pool listens. The statement that asks for a writable host then fails, and an
      // error without a listener would end the process.
      this.on("error", () => {});
    }

    /** The pool passes a callback. */
    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connected = this.connectToPrimary();
      connected.then(() => onConnection(), onConnection);
      if (!callback) return connected;
      connected.then((client) => callback(null as never, client), callback as (error: Error) => void);
      return undefined;
    }

    private async connectToPrimary(): Promise<this> {
      if (this.hosts instanceof Error) throw this.hosts;
      const isOne = this.hosts.length === 1;
      this.current = isOne ? this.hosts[0]! : await findPrimary();
      const { host, port } = this.current;
      Object.assign(this, { host, port });
      clients.add(this);
      this.once("end", () => clients.delete(this));
      try {
        await super.connect();
        if (!isOne) await expectWritable(this);
        return this;
      } catch (error) {
        // A later search may have found another host meanwhile, or this one again.
        if (primary === this.current) primary = undefined;
        this.cut();
        throw error;
      }
    }

    /** Ends the connection at once, also while statements run. They fail, and are repeated on the primary. */
    cut(): void {
      clients.delete(this);
      // The driver's types leave out its connection.
      (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
  }

  return {
    Client: PrimaryClient,

    /** Searches the primary again after a failed statement. Its host may be frozen, or a standby by now. */
    recheck(): void {
      // A single host is never searched.
      if (!hasFound) return;
      primary = undefined;
      findPrimary().catch(() => {});
    },
  };
}

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

type Host = { name: string; host: string; port: number; config: pg.ClientConfig };

/** Returns the hosts of the present address. The driver itself takes one host only. */
function listHosts({ url, tls }: DatabaseSettings): Host[] {
  const address = readSecret(url);
  const isSecure = usesTls(address);
  if (isSecure === undefined) throw new Error(`${url.variable}: must have sslmode=verify-full or disable`);
  // A rotated address without it would send the password in readable form.
  if (!isSecure && usesTls(url.value)) throw new Error(`${url.variable}: must keep sslmode=verify-full`);
  // Left in the address, `sslmode` would replace the certificates.
  const bare = address.replace(/(?<=[?&])(sslmode|target_session_attrs)=[^&]*(&|$)/g, "").replace(/\?$/, "");
  const [, before = "", hosts = "", after = ""] = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(bare) ?? [];
  return hosts.split(",").map((name) => {
    const connectionString = before + name + after;
    const parsed = attempt(() => new pg.Client({ connectionString }));
    // The driver's error may contain the password.
    if (parsed instanceof Error) throw new Error(`${url.variable}: must be a postgres:// address`);
    const { host, port } = parsed;
    return { name, host, port, config: { connectionString, ssl: isSecure && readTls(tls, host) } };
  });
}

function attempt<Result>(work: () => Result): Result | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

/** Asks all hosts at once. One that is powered off does not answer at all. */
async function search(hosts: Host[]): Promise<Host> {
  const clients = hosts.map(
    ({ config }) =>
      new pg.Client({
        ...config,
        application_name: "saldo-primary",
        connectionTimeoutMillis: SEARCH_TIMEOUT_MS,
        query_timeout: SEARCH_TIMEOUT_MS,
      }),
  );
  try {
    return await Promise.any(
      clients.map(async (client, index) => {
        // The statement that fails with the connection reports it.
        client.on("error", () => {});
        await client.connect();
        await expectWritable(client);
        return hosts[index]!;
      }),
    );
  } catch (error) {
    const { errors } = error as AggregateError;
    const reasons = hosts.map(({ name }, index) => `${name}: ${(errors[index] as Error).message}`);
    throw new Error(`No host accepts writes: ${reasons.join("; ")}`, { cause: error });
  } finally {
    for (const client of clients) void client.end();
  }
}

async function expectWritable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>("show transaction_read_only");
  if (rows[0]?.transaction_read_only !== "off") throw new Error("the host is read-only");
}
