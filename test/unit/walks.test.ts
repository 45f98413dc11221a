import { expect, test } from "bun:test";
import { planWalk, REPEATED_BLOCKS_MAX, type Walk } from "../../src/ledger/walks.ts";

/** The blocks that an audit walks over. */
function blocksOf(ranges: number[]): Set<number> {
  const blocks = new Set<number>();
  for (let index = 0; index < ranges.length; index += 2) {
    for (let block = ranges[index]!; block < ranges[index + 1]!; block += 1) blocks.add(block);
  }
  return blocks;
}

/** What each of the audits walks over that come one after the other, with so many blocks in the table. */
function audits(sizes: number[]): Set<number>[] {
  let before: Walk | undefined;
  return sizes.map((blocks) => {
    const { ranges, walk } = planWalk(blocks, before);
    before = walk;
    return blocksOf(ranges);
  });
}

const LARGE = 5 * REPEATED_BLOCKS_MAX;
const all = (blocks: number) => new Set(Array.from({ length: blocks }, (_, block) => block));

test("the first audit walks over the whole table, and so does one that finds it smaller than it was", () => {
  expect(audits([LARGE, LARGE - 1])).toEqual([all(LARGE), all(LARGE - 1)]);
});

test("an empty table, and one that grows from nothing, are walked over whole", () => {
  expect(audits([0, 3, 3, 10])).toEqual([all(0), all(3), all(3), all(10)]);
});

test("a table that is smaller than what an audit repeats is walked over whole by each audit", () => {
  expect(audits([REPEATED_BLOCKS_MAX, REPEATED_BLOCKS_MAX + 5])[1]).toEqual(all(REPEATED_BLOCKS_MAX + 5));
});

test("what was written since the last audit is walked over by the next one", () => {
  const sizes = [LARGE, LARGE + 7, LARGE + 7, LARGE + 90_000, LARGE + 90_001];
  for (const [index, walked] of audits(sizes).entries()) {
    for (let block = sizes[index - 1] ?? 0; block < sizes[index]!; block += 1) expect(walked.has(block)).toBe(true);
  }
});

test("an audit of an old table is bounded, and a few of them in a row walk over all of it", () => {
  const [, ...walked] = audits(Array.from({ length: 12 }, () => LARGE));
  for (const blocks of walked) expect(blocks.size).toBeLessThan(1.1 * REPEATED_BLOCKS_MAX);
  for (const first of [0, 3, 6]) {
    const together = new Set(walked.slice(first, first + 5).flatMap((blocks) => [...blocks]));
    expect(together.size).toBe(LARGE);
  }
});

test("what was written while an audit walked, and was not committed when it passed, is walked over by the next one", () => {
  const [, next] = audits([LARGE, LARGE]);
  for (let block = LARGE - 1_000; block < LARGE; block += 1) expect(next!.has(block)).toBe(true);
});
