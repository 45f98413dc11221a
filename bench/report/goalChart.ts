import { describeGoal, type Figure, judge } from "./figures.ts";
import { bar, image, label } from "./svg.ts";

const REACHED = "#3fb950";
const MISSED = "#d1242f";
const GOAL = "#24292f";

const LABEL_WIDTH = 420;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 10;
const HEAD_HEIGHT = 30;
const ROUND_WIDTH = 2;
const ROUND_HEIGHT = 16;

/** Pixels from the labels to the goal. A value twice as good is twice as far. */
const GOAL_X = 160;
const SCALE_MAX = 2;

/**
 * Draws figures that have a goal as bars, with a mark for each round.
 * All goals are on one vertical line: a bar that crosses it reached its goal.
 */
export function drawGoals(figures: Figure[]): string {
  const judged = figures.filter(({ goal }) => goal !== undefined);
  const height = HEAD_HEIGHT + judged.length * ROW_HEIGHT;
  return image(height, [
    label(LABEL_WIDTH + GOAL_X - 10, 18, "goal"),
    bar(LABEL_WIDTH + GOAL_X, HEAD_HEIGHT - 6, 1, height - HEAD_HEIGHT + 6, GOAL),
    ...judged.flatMap((figure, index) => drawRow(figure, HEAD_HEIGHT + index * ROW_HEIGHT)),
  ]);
}

function drawRow(figure: Figure, y: number): string[] {
  const { load, title, value, values } = figure;
  const verdict = judge(figure);
  const color = verdict === "reached" ? REACHED : MISSED;
  const text = value === undefined ? verdict : `${value.toFixed(2)}, ${verdict}`;
  const at = (ratio: number) => Math.min(SCALE_MAX, achieved(figure, ratio)) * GOAL_X;
  return [
    label(LABEL_WIDTH - 8, y + 12, `${load}: ${title}`, "end"),
    ...(value === undefined ? [] : [bar(LABEL_WIDTH, y + 3, at(value), BAR_HEIGHT, color)]),
    ...(values.length > 1 ? values.map((one) => bar(LABEL_WIDTH + at(one), y, ROUND_WIDTH, ROUND_HEIGHT, GOAL)) : []),
    label(LABEL_WIDTH + GOAL_X * SCALE_MAX + 12, y + 12, `${text} (${describeGoal(figure)})`),
  ];
}

/** Share of the goal: 1 at the goal, more above it. */
function achieved({ goal }: Figure, ratio: number): number {
  return goal?.sign === "≤" ? goal.limit / ratio : ratio / goal!.limit;
}
