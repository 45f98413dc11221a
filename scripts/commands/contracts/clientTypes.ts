import { plugin } from "bun";
import typescript from "typescript5";

/** The generator uses the compiler's interface, which TypeScript 7 does not have. */
await plugin({
  name: "typescript5",
  setup(build) {
    build.module("typescript", () => ({ exports: { default: typescript, ...typescript }, loader: "object" }));
  },
});

const HEAD = "// Generated from docs/reference/openapi.json by ./dev contracts.\n\n";

/** The TypeScript types that openapi-typescript generates from an API document. */
export async function makeClientTypes(document: object): Promise<string> {
  const { default: generate, astToString } = await import("openapi-typescript");
  // Generation changes the document that it gets.
  return HEAD + astToString(await generate(structuredClone(document) as Parameters<typeof generate>[0]));
}
