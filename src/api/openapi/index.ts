import { swagger } from "@elysiajs/swagger";
import { Elysia } from "elysia";
import manifest from "../../../package.json" with { type: "json" };
import { openApiDocument } from "./openApi.ts";

/** The page loads everything from this process. So it works offline, and its policy allows no other host. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Saldo API</title>
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
    <link rel="icon" type="image/png" href="/swagger/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/swagger/swagger-ui-bundle.js"></script>
    <script src="/swagger/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: "/swagger/json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelExpandDepth: 10,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Allows own sources only, nothing inline. Styles that the page's script sets on elements are not restricted by it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

/** GET /swagger, the API document as a page, and /swagger/json, the document itself. */
export function document(currency: string) {
  // Finished once: all routes are registered before the first request.
  let finished: object | undefined;
  const app = new Elysia({ detail: { hide: true } })
    .onAfterHandle(({ path, response }) => {
      if (path !== "/swagger/json") return undefined;
      finished ??= openApiDocument(response, currency);
      return finished;
    })
    .use(swagger({ path: "/swagger", documentation: { info: { title: "Saldo", version: manifest.version } } }))
    .get("/swagger", () => serve(PAGE, "text/html; charset=utf-8"))
    .get("/swagger/start.js", () => serve(START, "text/javascript; charset=utf-8"));
  for (const asset of ASSETS) {
    app.get(`/swagger/${asset}`, () => Bun.file(new URL(import.meta.resolve(`swagger-ui-dist/${asset}`))));
  }
  return app;
}

function serve(body: string, contentType: string): Response {
  return new Response(body, { headers: { "content-type": contentType, "content-security-policy": POLICY } });
}
