export type Random = ReturnType<typeof createRandom>;

/** A seeded random number generator (mulberry32) with some distributions. */
export function createRandom(seed: number) {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (limit: number) => Math.floor(next() * limit);

  return {
    /** In [0, 1). */
    next,
    /** An integer in [0, limit). */
    below,
    chance: (probability: number): boolean => next() < probability,
    oneOf: <Item>(items: readonly Item[]): Item | undefined => items[below(items.length)],
    shuffled<Item>(items: readonly Item[]): Item[] {
      const left = [...items];
      return items.map(() => left.splice(below(left.length), 1)[0]!);
    },
  };
}
