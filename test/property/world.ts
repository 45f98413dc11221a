/** The state of the model. Amounts are minor units, times are milliseconds since 1970. */

export type Fields = Partial<
  Record<
    | "userId"
    | "fromUserId"
    | "toUserId"
    | "serviceId"
    | "orderId"
    | "reservationId"
    | "recognitionId"
    | "amount"
    | "comment"
    | "reference",
    string
  > & { ttlSeconds: number; final: boolean; metadata: Record<string, string> }
>;
export type ModelOperation = { id: string; kind: string; fields: Fields };

/** The balance of an account after a posting. */
type PastBalance = { atMs: number; available: bigint; reserved: bigint; version: number };
type Account = { available: bigint; reserved: bigint; version: number };
export type Held = {
  id: string;
  userId: string;
  serviceId: string;
  orderId: string;
  amount: bigint;
  recognized: bigint;
  released: bigint;
  expired: bigint;
  refunded: bigint;
  dueMs: number;
  carrier: string;
};
type Recognized = { of: string; userId: string; serviceId: string; orderId: string; amount: bigint; refunded: bigint };
export type Recorded = {
  operation: ModelOperation;
  answer: string;
  reservationId: string;
  /** User, receiver, service and order. */
  subject: string;
  due: string;
  carrier: string;
};
export type Movement = {
  available: bigint;
  reserved: bigint;
  amount: bigint;
  with?: string;
  about?: Held | Recognized;
  of?: string;
};

/** Reservations are in order of opening. */
export type World = {
  /** The time of the posting that is being applied. */
  nowMs: number;
  accounts: Map<string, Account>;
  /** The balances of each account, in the order of its versions. */
  history: Map<string, PastBalance[]>;
  held: Map<string, Held>;
  recognized: Map<string, Recognized>;
  revenue: Map<string, bigint>;
  recorded: Map<string, Recorded>;
  entries: string[];
};

export const LIMIT = 9_000_000_000_000_000_000n;

export function createWorld(): World {
  return {
    nowMs: 0,
    accounts: new Map(),
    history: new Map(),
    held: new Map(),
    recognized: new Map(),
    revenue: new Map(),
    recorded: new Map(),
    entries: [],
  };
}

export function remaining(one: Held): bigint {
  return one.amount - one.recognized - one.released - one.expired;
}

export function credit(world: World, operation: ModelOperation, userId: string, movement: Movement): string {
  if (total(world, userId) + movement.amount > LIMIT) return declined("balance_limit_exceeded");
  return move(world, operation, userId, movement);
}

export function debit(world: World, operation: ModelOperation, userId: string, movement: Movement): string {
  return whyNoDebit(world, userId, movement.amount) ?? move(world, operation, userId, movement);
}

export function whyNoDebit(world: World, userId: string, amount: bigint): string | undefined {
  const account = world.accounts.get(userId);
  if (!account) return declined("account_not_found");
  return account.available < amount ? declined("insufficient_funds") : undefined;
}

export function move(world: World, { id, kind }: ModelOperation, userId: string, movement: Movement): string {
  const account = world.accounts.get(userId) ?? { available: 0n, reserved: 0n, version: 0 };
  account.available += movement.available;
  account.reserved += movement.reserved;
  account.version += 1;
  world.accounts.set(userId, account);
  world.history.set(userId, [...(world.history.get(userId) ?? []), { atMs: world.nowMs, ...account }]);
  const { about: one, with: other = "-" } = movement;
  const reservationId = one === undefined ? "-" : "of" in one ? one.of : one.id;
  world.entries.push(
    [
      `entry ${userId}/${account.version} ${id} ${kind} ${movement.amount}`,
      `moves ${movement.available} ${movement.reserved} leaves ${account.available} ${account.reserved}`,
      `with ${other} about ${reservationId} ${one?.serviceId ?? "-"} ${one?.orderId ?? "-"}`,
    ].join(" "),
  );
  return `completed ${account.available} ${account.reserved} v${account.version}`;
}

export function earn(world: World, serviceId: string, amount: bigint): void {
  world.revenue.set(serviceId, (world.revenue.get(serviceId) ?? 0n) + amount);
}

export function total(world: World, userId: string): bigint {
  const { available, reserved } = world.accounts.get(userId) ?? { available: 0n, reserved: 0n };
  return available + reserved;
}

/** The balance of an account as of its last posting before a time, as text. */
export function balanceAt({ history }: World, userId: string, atMs: number): string {
  const balances = history.get(userId);
  if (!balances) return "unknown";
  const { available, reserved, version } = balances.findLast((one) => one.atMs < atMs) ?? NOTHING;
  return `${available} ${reserved} v${version}`;
}

const NOTHING = { available: 0n, reserved: 0n, version: 0 };

export function declined(code: string, among: Held[] = []): string {
  const ids = sorted(among.map(({ id }) => id));
  return ["declined", code, ...ids].join(" ");
}

export function isDeclined(answer: string): boolean {
  return answer.startsWith("declined");
}

export function sorted(texts: string[]): string[] {
  return texts.toSorted((one, other) => (one < other ? -1 : 1));
}

export function minor(amount: string): bigint {
  return BigInt(amount.replace(".", ""));
}
