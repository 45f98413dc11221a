import { DESCRIPTION } from "./description.ts";
import { finishRoute, type GeneratedRoute } from "./routes.ts";

/** The generator's document, with the members that are read here. */
type Generated = { info: object; paths: Record<string, Record<string, GeneratedRoute>>; components: object };

const TAGS = {
  Money: "Money that comes in, goes out, or moves between users.",
  Reservations: "Money for a service of an order: reserved first, recognized as revenue or released later.",
  Operations: "The state and the outcome of operations.",
  Balances: "The balances of users.",
  Statement: "The entries of a user's account.",
  Services: "The names of services.",
  Reports: "The revenue of services in a month, and the money owed to users.",
  Audits: "Checks of the ledger, the cache and the events.",
  Health: "For load balancers and operators.",
};

/** The document that is served: the generator's, corrected. */
export function openApiDocument(generated: unknown) {
  const { info, paths, components, ...rest } = structuredClone(generated) as Generated;
  for (const [path, methods] of Object.entries(paths)) {
    for (const route of Object.values(methods)) finishRoute(path, route);
  }
  return {
    ...rest,
    info: { ...info, description: DESCRIPTION, license: { name: "MIT", url: "https://opensource.org/license/mit" } },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }],
    paths,
    components: { ...components, securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
  };
}
