import { buildPage } from "../../src/api/console/files.ts";

/** Writes dist/console of the folder that it runs in, which src/api/console/files.ts then uses. */
await buildPage("dist/console");
