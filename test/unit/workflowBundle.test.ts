import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashInputs } from "../../src/temporal/workflowBundle.ts";

test("the hash of a bundle's inputs changes with each edit, new file and new name, and only with those", async () => {
  const folder = mkdtempSync(join(tmpdir(), "saldo-sources."));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  try {
    mkdirSync(join(folder, "workflows"));
    write("workflows/carrier.ts", "one");
    const hashes = [await hashInputs(folder)];
    expect(await hashInputs(folder)).toBe(hashes[0]!);

    write("workflows/carrier.ts", "two");
    hashes.push(await hashInputs(folder));
    write("workflows/saga.ts", "");
    hashes.push(await hashInputs(folder));
    rmSync(join(folder, "workflows/saga.ts"));
    write("workflows/sweep.ts", "");
    hashes.push(await hashInputs(folder));
    expect(new Set(hashes).size).toBe(4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
