import { expect, test } from "bun:test";
import { planWalk, REPEATED_BLOCKS_MAX, type Walk } from "../../src/ledger/walks.ts";

/** The blocks that an audit reads. */
function blocksOf(ranges: number[]): Set<number> {
  const blocks = new Set<number>();
  for (let index = 0; index < ranges.length; index += 2) {
    for (let block = ranges[index]!; block < ranges[index + 1]!; block += 1) blocks.add(block);
  }
  return blocks;
}

/** The blocks that consecutive audits read, by the table's size at each. */
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

test("the first audit reads the whole table, and so does an audit of a table that has shrunk", () => {
  expect(audits([LARGE, LARGE - 1])).toEqual([all(LARGE), all(LARGE - 1)]);
});

test("an empty table, and one that grows from empty, are read as a whole", () => {
  expect(audits([0, 3, 3, 10])).toEqual([all(0), all(3), all(3), all(10)]);
});

test("a table smaller than the repeated part is read as a whole by each audit", () => {
  expect(audits([REPEATED_BLOCKS_MAX, REPEATED_BLOCKS_MAX + 5])[1]).toEqual(all(REPEATED_BLOCKS_MAX + 5));
});

test("blocks written since the last audit are read by the next one", () => {
  const sizes = [LARGE, LARGE + 7, LARGE + 7, LARGE + 90_000, LARGE + 90_001];
  for (const [index, walked] of audits(sizes).entries()) {
    for (let block = sizes[index - 1] ?? 0; block < sizes[index]!; block += 1) expect(walked.has(block)).toBe(true);
  }
});

test("an audit of an old table is bounded, and a few consecutive ones read all of it", () => {
  const [, ...walked] = audits(Array.from({ length: 12 }, () => LARGE));
  for (const blocks of walked) expect(blocks.size).toBeLessThan(1.1 * REPEATED_BLOCKS_MAX);
  for (const first of [0, 3, 6]) {
    const together = new Set(walked.slice(first, first + 5).flatMap((blocks) => [...blocks]));
    expect(together.size).toBe(LARGE);
  }
});

test("blocks written during an audit and not committed in time are read by the next one", () => {
  const [, next] = audits([LARGE, LARGE]);
  for (let block = LARGE - 1_000; block < LARGE; block += 1) expect(next!.has(block)).toBe(true);
});
