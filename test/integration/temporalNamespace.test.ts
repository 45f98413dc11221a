import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { createTemporal } from "../../scripts/stack/temporal.ts";
import { runTool } from "../../scripts/stack/tools.ts";
import { stack } from "../support/api/client.ts";

test("the script of the compose deployment sets up a namespace for Saldo, and may run again", async () => {
  const { command } = await createTemporal(stack.site).launch();
  const environment = {
    PATH: `${dirname(command[0]!)}:${process.env.PATH}`,
    TEMPORAL_ADDRESS: stack.environment.TEMPORAL_ADDRESS!,
    TEMPORAL_NAMESPACE: `compose-${crypto.randomUUID()}`,
  };
  const script = ["sh", join(rootDirectory, "deploy/compose/temporalNamespace.sh")];
  await runTool(script, environment);
  await runTool(script, environment);

  const namespace = ["--namespace", environment.TEMPORAL_NAMESPACE, "--output", "json"];
  const ask = async (...words: string[]) =>
    JSON.parse(await runTool([command[0]!, "operator", ...words, ...namespace], environment));
  const described = await ask("namespace", "describe");
  expect(described.config.workflowExecutionRetentionTtl).toBe("604800s");
  const { customAttributes } = await ask("search-attribute", "list");
  const types = { KeywordList: "INDEXED_VALUE_TYPE_KEYWORD_LIST", Keyword: "INDEXED_VALUE_TYPE_KEYWORD" } as const;
  const registered = command.filter((_, index) => command[index - 1] === "--search-attribute");
  const expected = registered.map((one) => one.split("=") as [string, keyof typeof types]);
  expect(customAttributes).toEqual(Object.fromEntries(expected.map(([name, type]) => [name, types[type]])));
}, 120_000);
