import { describeLoad, pickRows } from "./report.ts";
import type { Results } from "./results.ts";
import { type VariantName, variantTitles } from "./variants.ts";

const colors: Record<VariantName, string> = {
  saldo: "#1f6feb",
  plain: "#8b949e",
  tuned: "#57606a",
  ungrouped: "#d29922",
  empty: "#a371f7",
  bare: "#3fb950",
};

const WIDTH = 900;
const LABEL_WIDTH = 230;
const BAR_WIDTH_MAX = 560;
const BAR_HEIGHT = 14;
const GROUP_GAP = 10;
const LEGEND_COLUMNS = 3;
const LEGEND_ROW_HEIGHT = 18;
const LEGEND_HEIGHT = 52;

/** Operations a second as bars, one group for each load: an SVG that needs nothing else. */
export function drawThroughput(results: Pick<Results, "measurements">): string {
  const groups = Map.groupBy(pickRows(results.measurements), describeLoad);
  const longest = Math.max(1, ...[...groups.values()].flat().map(({ perSecond }) => perSecond));
  const shapes: string[] = [];
  let y = LEGEND_HEIGHT;
  for (const [load, rows] of groups) {
    const middle = y + (rows.length * BAR_HEIGHT) / 2 + 4;
    shapes.push(`<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escapeText(load)}</text>`);
    for (const { variant, perSecond } of rows) {
      const width = Math.max(1, (perSecond / longest) * BAR_WIDTH_MAX);
      shapes.push(
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 2}" fill="${colors[variant]}"/>`,
        `<text x="${(LABEL_WIDTH + width + 5).toFixed(1)}" y="${y + 10}">${Math.round(perSecond).toLocaleString("en")}</text>`,
      );
      y += BAR_HEIGHT;
    }
    y += GROUP_GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    ...drawLegend(),
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

function drawLegend(): string[] {
  return (Object.keys(colors) as VariantName[]).flatMap((variant, index) => {
    const x = 10 + (index % LEGEND_COLUMNS) * (WIDTH / LEGEND_COLUMNS);
    const y = 10 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_ROW_HEIGHT;
    return [
      `<rect x="${x}" y="${y}" width="11" height="11" fill="${colors[variant]}"/>`,
      `<text x="${x + 16}" y="${y + 10}">${escapeText(variantTitles[variant])}</text>`,
    ];
  });
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
