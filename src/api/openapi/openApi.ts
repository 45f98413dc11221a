import { createComponents } from "./components.ts";
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

/**
 * The document that is served: the generator's, corrected. Each part that routes share has a name.
 *
 * `currency` is the only value of a request's currency.
 */
export function openApiDocument(generated: unknown, currency: string) {
  const { info, paths, components: _, ...rest } = structuredClone(generated) as Generated;
  const components = createComponents();
  const routes = Object.values(paths).flatMap((methods) => Object.values(methods));
  for (const route of routes) finishRoute(route, components);
  const finished = components.nameParts(paths);
  const { Currency } = finished.components.schemas as { Currency: object };
  Object.assign(Currency, { enum: [currency], example: currency });
  return {
    ...rest,
    info: {
      ...info,
      description: DESCRIPTION,
      contact: { name: "The maintainers of Saldo" },
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    externalDocs: {
      url: "/swagger",
      description: "This document as a page. `docs` of the repository has the rules, guides and examples.",
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }],
    paths: finished.paths,
    components: {
      ...finished.components,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}
