import pg from "pg";

/** Timeout of a search for the primary. A pool waits 2 s for a connection. */
const SEARCH_TIMEOUT_MS = 1_500;

export type Database = ReturnType<typeof createDatabase>;

/**
 * Creates the client class of a process's pools. Its connections follow the primary among several hosts.
 * The address may list hosts: `postgres://user:password@one:5432,two:5432/saldo`. The first that accepts writes is used
 * until a connection or a statement fails, and is searched again then. As soon as another host is the primary, all
 * connections to the former one are cut. Strong reads from it would be stale, and a frozen one would delay each caller.
 */
export function createDatabase(url: string) {
  const hosts = listHosts(url);
  const clients = new Set<PrimaryClient>();
  let primary: Promise<Host> | undefined;
  let latest: Host | undefined;

  /** Returns the present primary. Concurrent callers share one search. */
  async function findPrimary(): Promise<Host> {
    if (hosts.length === 1) return hosts[0]!;
    primary ??= search(hosts).then(
      (found) => {
        for (const client of clients) if (client.current !== found) client.cut();
        latest = found;
        return found;
      },
      (error) => {
        primary = undefined;
        throw error;
      },
    );
    return primary;
  }

  /** Makes the next connection search, unless a search has found another host meanwhile. */
  function forget(host: Host | undefined): void {
    if (host === latest) primary = undefined;
  }

  class PrimaryClient extends pg.Client {
    current: Host | undefined;

    constructor(options?: pg.ClientConfig) {
      super({ ...options, connectionString: hosts[0]!.url });
    }

    /** The pool passes a callback. */
    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connected = this.connectToPrimary();
      if (!callback) return connected;
      connected.then((client) => callback(null as never, client), callback as (error: Error) => void);
      return undefined;
    }

    private async connectToPrimary(): Promise<this> {
      this.current = await findPrimary();
      const { host, port } = this.current;
      Object.assign(this, { host, port });
      clients.add(this);
      this.once("end", () => clients.delete(this));
      try {
        await super.connect();
        if (hosts.length > 1) await expectWritable(this);
        return this;
      } catch (error) {
        forget(this.current);
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
      forget(latest);
      findPrimary().catch(() => {});
    },
  };
}

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

type Host = { host: string; port: number; url: string };

/** Returns each host, with an address of its own. */
function listHosts(url: string): Host[] {
  const [, before = "", hosts = "", after = ""] = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(url) ?? [];
  return hosts.split(",").map((name) => {
    const { host, port } = new pg.Client(before + name + after);
    return { host, port, url: before + name + after };
  });
}

/** Asks all hosts at once. One that is powered off does not answer at all. */
async function search(hosts: Host[]): Promise<Host> {
  const clients = hosts.map(
    ({ url }) =>
      new pg.Client({
        connectionString: url,
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
    const reasons = hosts.map(({ host, port }, index) => `${host}:${port}: ${(errors[index] as Error).message}`);
    throw new Error(`No host accepts writes: ${reasons.join("; ")}`, { cause: errors[0] });
  } finally {
    for (const client of clients) void client.end();
  }
}

async function expectWritable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>("show transaction_read_only");
  if (rows[0]?.transaction_read_only !== "off") throw new Error("the host is read-only");
}
