import { Client } from "pg";
import { stack } from "../api/client.ts";

/** A connection to the stack's ledger as its owner, who sees and may do what the service's role may not. Ends with the block. */
export async function connectOwner(): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: stack.ownerUrl() });
  // Where the server ends the connection, the next query reports it.
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
