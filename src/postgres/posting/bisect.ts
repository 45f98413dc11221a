import { classifySqlError } from "../sqlErrors.ts";

/**
 * Runs `work` on the whole list, in one transaction. Where the database refuses the data, the list is halved until each culprit stands
 * alone, so that it never stops its neighbours. @returns the results of the pieces, in the order of the list
 * @throws whatever else `work` throws, and what `onCulprit` throws
 */
export async function bisect<Item, Result>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Result>,
  onCulprit: (culprit: Item, reason: unknown) => Promise<Result>,
): Promise<Result[]> {
  try {
    return [await work(items)];
  } catch (error) {
    if (classifySqlError(error) !== "refused") throw error;
    if (items.length === 1) return [await onCulprit(items[0]!, error)];
  }
  const half = Math.ceil(items.length / 2);
  return [
    ...(await bisect(items.slice(0, half), work, onCulprit)),
    ...(await bisect(items.slice(half), work, onCulprit)),
  ];
}
