import { Client } from "pg";
import { stack } from "../api/client.ts";

/** Connects to the stack's ledger as its owner, with rights that the service lacks. Ends with the block. */
export async function connectOwner(): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: stack.ownerUrl() });
  // Where the server ends the connection, the next query reports it.
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
