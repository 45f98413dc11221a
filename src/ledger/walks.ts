/**
 * How far a check has come in its table: each block before `end` was walked over at least once, and those before `next` for another time.
 * The table only grows: its rows are never updated or deleted.
 */
export type Walk = { end: number; next: number };

/** Of 8 KiB each, so 256 MiB: two million entries, or one million operations. It bounds what an audit repeats of an old ledger. */
export const REPEATED_BLOCKS_MAX = 32_768;

/**
 * Walked over again behind the last end, for rows that were not committed yet when their block was walked over. A transaction takes seconds,
 * and a ledger at full speed fills 100 blocks of a table in a second.
 */
const OVERLAP_BLOCKS = 1_024;

/** Pairs of first block and end, one after the other. */
export type BlockRanges = number[];

/**
 * What an audit walks over in a table of so many blocks: all that is new since the last clean audit, and of the old as much as it may, behind
 * what that one repeated. A smaller table is walked over whole. So is one that has shrunk: it was rewritten or restored, and rows moved.
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
