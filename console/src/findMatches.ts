import { type Api, orAbsent } from "./api.ts";
import type { Signed } from "./context.ts";
import { formatRoute } from "./route.ts";
import { T } from "./texts.ts";

export type Match = {
  kind: "user" | "account" | "operation" | "reservation" | "settlements" | "order" | "reference" | "key" | "workflow";
  route: string;
  note: string;
};

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const WORKFLOW = /^(carrier|batch|reservation)-[0-9a-f-]{36}$/;
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Finds all that a text may name. `caller` is the one of an idempotency key, by default that of the token.
 *
 * A UUID that is an operation or a reservation is looked up no further: ids are random.
 */
export async function findMatches(api: Api, can: Signed["can"], text: string, caller: string): Promise<Match[]> {
  if (UUID.test(text) && can("balance:read") && caller === "") {
    const exact = await findById(api, text.toLowerCase());
    if (exact) return [exact];
  }
  if (!can("operations:read")) return ID.test(text) ? await findUser(api, text) : [];
  const matches = (await Promise.all(searchAll(api, can, text, caller))).flat();
  const hasUser = matches.some(({ kind }) => kind === "user");
  const routes = new Set<string>();
  return matches.filter(({ kind, route }) => {
    // The user's view has all that the list of the account's operations has.
    if (routes.has(route) || (hasUser && kind === "account")) return false;
    routes.add(route);
    return true;
  });
}

/** A reservation has the id of its first operation, and its view has more. */
async function findById(api: Api, id: string): Promise<Match | undefined> {
  const path = { operationId: id };
  const operation = await orAbsent(api.read((http) => http.GET("/v1/operations/{operationId}", { params: { path } })));
  if (!operation) return undefined;
  const isReservation = operation.kind === "reservation" && operation.status === "completed";
  const kind = isReservation ? "reservation" : "operation";
  return { kind, route: formatRoute(kind, id), note: "" };
}

async function findUser(api: Api, userId: string): Promise<Match[]> {
  const path = { userId };
  const balance = await orAbsent(api.read((http) => http.GET("/v1/users/{userId}/balance", { params: { path } })));
  return balance ? [{ kind: "user", route: formatRoute("user", userId), note: "" }] : [];
}

function searchAll(api: Api, can: Signed["can"], text: string, caller: string): Promise<Match[]>[] {
  const search = async (kind: Match["kind"], filter: Record<string, string>): Promise<Match[]> => {
    const query = { limit: 2, ...filter };
    const { items } = await api.read((http) => http.GET("/v1/operations", { params: { query } }));
    const [first, second] = items;
    if (!first) return [];
    const isOpened = second === undefined && ["reference", "key"].includes(kind) && can("balance:read");
    const list = formatRoute(kind, filter.reservationId ?? text, kind === "key" ? { caller } : {});
    const route = isOpened ? formatRoute("operation", first.operationId) : list;
    return [{ kind, route, note: isOpened ? T.kinds[first.kind] : "" }];
  };
  const searches: Promise<Match[]>[] = [];
  if (WORKFLOW.test(text)) searches.push(search("workflow", { workflowId: text }));
  if (ID.test(text)) {
    searches.push(search("order", { orderId: text }));
    searches.push(search("account", { userId: text }));
    // An account exists from its first completed operation on.
    if (can("balance:read")) searches.push(search("user", { userId: text, status: "completed" }));
  }
  if (UUID.test(text) && !can("balance:read")) {
    searches.push(search("settlements", { reservationId: text.toLowerCase() }));
  }
  if (KEY.test(text)) searches.push(search("key", { idempotencyKey: text, ...(caller !== "" && { caller }) }));
  if (text.length <= 255) searches.push(search("reference", { reference: text }));
  return searches;
}
