import { describeLoad } from "../load/loads.ts";
import { type VariantName, variantTitles } from "../variants/fleet.ts";
import type { Results } from "./results.ts";
import { pickRows } from "./summary.ts";
import { bar, image, label, WIDTH } from "./svg.ts";

const colors: Record<VariantName, string> = {
  saldo: "#1f6feb",
  plain: "#8b949e",
  tuned: "#57606a",
  ungrouped: "#d29922",
  empty: "#a371f7",
  bare: "#3fb950",
};

const LABEL_WIDTH = 250;
const BAR_WIDTH_MAX = 540;
const BAR_HEIGHT = 14;
const GROUP_GAP = 10;
const LEGEND_COLUMNS = 3;
const LEGEND_ROW_HEIGHT = 18;
const LEGEND_HEIGHT = 52;

/** Draws operations a second as bars, one group for each load. */
export function drawThroughput(results: Pick<Results, "measurements">): string {
  const groups = Map.groupBy(pickRows(results.measurements), describeLoad);
  const longest = Math.max(1, ...[...groups.values()].flat().map(({ perSecond }) => perSecond));
  const shapes = drawLegend();
  let y = LEGEND_HEIGHT;
  for (const [load, rows] of groups) {
    shapes.push(label(LABEL_WIDTH - 8, y + (rows.length * BAR_HEIGHT) / 2 + 4, load, "end"));
    for (const { variant, perSecond } of rows) {
      const width = (perSecond / longest) * BAR_WIDTH_MAX;
      shapes.push(
        bar(LABEL_WIDTH, y, width, BAR_HEIGHT - 2, colors[variant]),
        label(LABEL_WIDTH + width + 5, y + 10, Math.round(perSecond).toLocaleString("en")),
      );
      y += BAR_HEIGHT;
    }
    y += GROUP_GAP;
  }
  return image(y, shapes);
}

function drawLegend(): string[] {
  return (Object.keys(colors) as VariantName[]).flatMap((variant, index) => {
    const x = 10 + (index % LEGEND_COLUMNS) * (WIDTH / LEGEND_COLUMNS);
    const y = 10 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_ROW_HEIGHT;
    return [bar(x, y, 11, 11, colors[variant]), label(x + 16, y + 10, variantTitles[variant])];
  });
}
