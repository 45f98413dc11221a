import { afterAll, expect, test } from "bun:test";
import { runAdvisories } from "../../scripts/commands/advisories.ts";

let answer: () => Response;
const registry = Bun.serve({ port: 0, fetch: () => answer() });
afterAll(() => registry.stop(true));

const ask = () => runAdvisories({ BUN_CONFIG_REGISTRY: `${registry.url}` });

test("the exit code distinguishes no advisory, some advisories, and an unavailable registry", async () => {
  answer = () => Response.json({});
  expect(await ask()).toBe(0);
  const advisory = { id: 1, title: "A hole", severity: "high", vulnerable_versions: "*", url: "http://localhost/1" };
  answer = () => Response.json({ pg: [advisory] });
  expect(await ask()).toBe(1);
  answer = () => new Response("", { status: 405 });
  expect(await ask()).toBe(2);
});
