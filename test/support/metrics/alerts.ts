import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";

export const ALERTS_FILE = join(rootDirectory, "deploy/prometheus/alerts.yml");

export type Alert = {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook_url: string };
};

/** The alerts of deploy/prometheus/alerts.yml. */
export async function readAlerts(): Promise<Alert[]> {
  const { groups } = Bun.YAML.parse(await Bun.file(ALERTS_FILE).text()) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}
