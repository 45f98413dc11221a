import pg, { type Pool, type PoolClient, type QueryConfig } from "pg";

type Node = {
  "Node Type": string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[];
};

/** Summary of an execution plan. */
export type Plan = {
  nodes: Set<string>;
  indexes: Set<string>;
  /** Rows read by scans of tables and indexes, including those that a filter removed. */
  rowsRead: number;
  buffers: number;
  milliseconds: number;
};

/**
 * A pool that executes each statement with values twice. First with EXPLAIN into `plans`, then for its result.
 *
 * `custom` plans for the given values; `generic` plans for any values, as the server may after the fifth execution.
 */
export function explaining(client: PoolClient, mode: "custom" | "generic", plans: Plan[]): Pool {
  async function query(config: QueryConfig | string) {
    if (typeof config === "string" || !config.values) return await client.query(config);
    const values = config.values.map((value) => literal(value));
    await client.query(`set plan_cache_mode = force_${mode}_plan`);
    await client.query(`prepare explained as ${config.text}`);
    const { rows } = await client.query(
      `explain (analyze, buffers, timing off, format json) execute explained (${values.join(", ")})`,
    );
    await client.query("deallocate explained");
    const [{ Plan: root, "Execution Time": milliseconds }] = rows[0]["QUERY PLAN"];
    plans.push({ ...summarize([...walk(root)], root), milliseconds });
    return await client.query({ text: config.text, values: config.values! });
  }
  const connection = { query, on() {}, off() {}, release() {} };
  return { query, connect: async () => connection } as unknown as Pool;
}

function summarize(nodes: Node[], root: Node): Omit<Plan, "milliseconds"> {
  const scans = nodes.filter(
    (node) => / Scan$/.test(node["Node Type"]) && !/^(Subquery|Bitmap Index)/.test(node["Node Type"]),
  );
  return {
    nodes: new Set(nodes.map((node) => node["Node Type"])),
    indexes: new Set(nodes.flatMap((node) => node["Index Name"] ?? [])),
    rowsRead: scans.reduce(
      (sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
      0,
    ),
    buffers: root["Shared Hit Blocks"] + root["Shared Read Blocks"],
  };
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const inner of node.Plans ?? []) yield* walk(inner);
}

function literal(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.join(",")}}`);
  return pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}
