import type { Page } from "playwright-core";

const source = await Bun.file(new URL(import.meta.resolve("axe-core/axe.min.js"))).text();

type Violation = { id: string; impact: string | null; nodes: { target: string[] }[] };

/** The serious and critical findings of axe-core on the page as it is shown. */
export async function findSeriousIn(page: Page): Promise<string[]> {
  // The page's policy allows no foreign script. The browser's debugger evaluates it nevertheless.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(source);
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
    violations: Violation[];
  };
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}
