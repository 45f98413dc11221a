/**
 * The progress of an incremental check in an append-only table. Each block before `end` was read at least once, and
 * each before `next` another time.
 */
export type Walk = { end: number; next: number };

/**
 * The most old blocks that one audit reads again. Without a bound, audits would grow with the ledger. 256 MiB in blocks
 * of 8 KiB: two million entries, or one million operations.
 */
export const REPEATED_BLOCKS_MAX = 32_768;

/**
 * Blocks before the last end to read again. Their rows may have been uncommitted at the first read. A transaction takes
 * seconds, and a ledger at full speed fills 100 blocks of a table in a second.
 */
const OVERLAP_BLOCKS = 1_024;

/** The progress of a check: the last key, or the remaining ranges of blocks. */
export type CheckPosition = (string | number)[];

/** Pairs of first block and end, one after the other. */
export type BlockRanges = number[];

/**
 * Plans the blocks that an audit reads. These are all new ones since the last clean audit, and a bounded slice of the
 * old ones. The slice starts where the slice of the last clean audit ended. A table up to that bound is read whole. So
 * is one that has shrunk: it was rewritten or restored, and rows moved.
 */
export function planWalk(blocks: number, before: Walk | undefined): { ranges: BlockRanges; walk: Walk } {
  if (!before || before.end > blocks) return { ranges: [0, blocks], walk: { end: blocks, next: 0 } };
  const old = Math.max(before.end - OVERLAP_BLOCKS, 0);
  const until = Math.min(before.next + REPEATED_BLOCKS_MAX, old);
  return {
    ranges: [old, blocks, Math.min(before.next, old), until],
    walk: { end: blocks, next: until < old ? until : 0 },
  };
}
