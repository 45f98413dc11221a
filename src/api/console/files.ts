import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Written by scripts/image/buildConsole.ts at image build. A working copy has no such folder. */
const BUILT_FOLDER = fileURLToPath(new URL("../../../dist/console", import.meta.url));
const SOURCE_PAGE = fileURLToPath(new URL("../../../console/index.html", import.meta.url));

/** The page's own name. All other files have a hash in theirs. */
export const PAGE = "index.html";

export type PageFile = {
  type: string;
  etag: string;
  bytes: Uint8Array<ArrayBuffer>;
  compressed: Uint8Array<ArrayBuffer>;
};
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Loads the built files of the image by name. In a working copy it builds the current sources, in some 100 ms. */
export async function loadPageFiles(): Promise<PageFiles> {
  const blobs = existsSync(BUILT_FOLDER)
    ? readdirSync(BUILT_FOLDER).map((name) => [name, Bun.file(join(BUILT_FOLDER, name))] as const)
    : (await buildPage()).map((output) => [basename(output.path), output] as const);
  const files = blobs.map(async ([name, blob]) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const etag = `"${Bun.hash(bytes).toString(36)}"`;
    return [name, { type: blob.type, etag, bytes, compressed: Bun.gzipSync(bytes, { level: 9 }) }] as const;
  });
  return new Map(await Promise.all(files));
}

/**
 * Bundles console/ into one page, a script and a style sheet. Their names have hashes.
 *
 * The addresses are relative to `/console`, so that the page works behind any prefix of a proxy.
 */
export async function buildPage(outdir?: string) {
  const { outputs } = await Bun.build({
    entrypoints: [SOURCE_PAGE],
    publicPath: "console/",
    naming: { chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    target: "browser",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    ...(outdir !== undefined && { outdir }),
  });
  return outputs;
}
