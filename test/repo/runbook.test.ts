import { expect, test } from "bun:test";
import { readPage } from "../support/api/pages.ts";
import { readAlerts } from "../support/metrics/alerts.ts";

const RUNBOOK = "docs/operating/runbook.md";
/** The sections of the page, by the anchor of their headings. */
const sections = new Map(
  readPage(RUNBOOK)
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = ""] = section.split("\n");
      return [heading.toLowerCase().replaceAll(" ", "-"), section] as const;
    }),
);
const alerts = await readAlerts();

test("each alert links to its section of the runbook, and each section is of an alert", () => {
  const anchors = alerts.map(({ alert }) => alert.toLowerCase());
  expect(alerts.map(({ annotations }) => annotations.runbook_url)).toEqual(
    anchors.map((anchor) => `${RUNBOOK}#${anchor}`),
  );
  expect(new Set([...sections.keys()].filter((anchor) => /^saldo./.test(anchor)))).toEqual(new Set(anchors));
});

test("each section has the alert's query, a step to take and a step to avoid", () => {
  for (const { alert, expr } of alerts) {
    const section = sections.get(alert.toLowerCase()) ?? "";
    expect([alert, /^Query: `(.+)`$/m.exec(section)?.[1]]).toEqual([alert, expr]);
    expect([alert, /^- Do: /m.test(section), /^- Do not: /m.test(section)]).toEqual([alert, true, true]);
  }
});

test("each alert has a severity and a summary", () => {
  for (const { alert, labels, annotations } of alerts) {
    expect([alert, ["critical", "warning"].includes(labels.severity)]).toEqual([alert, true]);
    expect([alert, annotations.summary]).toEqual([alert, expect.stringMatching(/\.$/)]);
  }
});
