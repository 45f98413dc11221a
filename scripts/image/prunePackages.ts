import { readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

// Removes from ./node_modules the packages and files that the image never loads.

const directory = resolve("node_modules");
const remove = (path: string) => rmSync(join(directory, path), { recursive: true, force: true });

/** The Temporal SDK comes with native libraries for five platforms, and with their Rust sources. */
const bridge = "@temporalio/core-bridge";
const { getPrebuiltTargetName } = createRequire(join(directory, "package.json"))(`${bridge}/common`);
for (const target of readdirSync(join(directory, bridge, "releases"))) {
  if (target !== getPrebuiltTargetName()) remove(`${bridge}/releases/${target}`);
}
for (const sources of ["sdk-core", "src", "bridge-macros", "Cargo.lock", "Cargo.toml"]) remove(`${bridge}/${sources}`);

/** Compilers: swc bundles workflows, which is done by now. TypeScript is an optional peer of Elysia. */
for (const scope of ["@swc", "@typescript"]) remove(scope);
for (const name of ["swc-loader", "typescript", ".bin"]) remove(name);

/** Bundled into the console's script by now. */
for (const name of ["preact", "openapi-fetch", "openapi-typescript-helpers"]) remove(name);

/** Source maps and declarations: a fifth of the size, read by editors and debuggers only. */
for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
  if (/\.(map|d\.[cm]?ts)$/.test(path)) remove(path);
}
