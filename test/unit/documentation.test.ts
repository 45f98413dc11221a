import { expect, test } from "bun:test";
import { PROBLEMS } from "../../src/api/http/problems.ts";

const readme = await Bun.file(new URL("../../README.md", import.meta.url)).text();
const config = await Bun.file(new URL("../../src/config.ts", import.meta.url)).text();

test("the README's table of errors is the closed list of codes, in its order", () => {
  const rows = [...readme.matchAll(/^\| (\d{3}) \| `([a-z_]+)` \| (.+) \|$/gm)].map(([, status, code, title]) => [
    code,
    { status: Number(status), title },
  ]);
  expect(rows).toEqual(Object.entries(PROBLEMS));
});

test("the README lists exactly the variables of the configuration", () => {
  const section = readme.slice(readme.indexOf("## Configuration"), readme.indexOf("## Tests"));
  const documented = [...section.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  );
  const read = [...config.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(read));
});
