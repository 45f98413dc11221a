import { DESCRIPTION } from "./description.ts";
import { finishRoute, type GeneratedRoute } from "./routes.ts";

/** What the generator makes of our routes, as far as it is read here. */
type Generated = {
  info: object;
  paths: Record<string, Record<string, GeneratedRoute>>;
  components: object;
};

const TAGS = {
  Money: "What comes in, goes out, and moves between users.",
  Reservations: "Money for a service of an order: reserved before, recognized as revenue or released afterwards.",
  Operations: "What became of what was asked.",
  Balances: "What users have.",
  Statement: "What happened to a user's money.",
  Services: "What users and accounting call what is paid for.",
  Reports: "What services earned.",
  Audits: "Whether every promise is kept.",
  Health: "For balancers and operators.",
};

/** The document that is served: the generator's, made exact. */
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
    components: {
      ...components,
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}
