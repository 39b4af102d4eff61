/** @returns a part of the items (0 to 1, rounded up) in their order; a seed chooses the same again */
export function choosePart<T>(items: T[], part: number, seed: number): T[] {
  const random = createRandom(seed);
  let wanted = Math.min(items.length, Math.ceil(part * items.length));
  return items.filter((_, index) => {
    if (random() * (items.length - index) >= wanted) return false;
    wanted--;
    return true;
  });
}

/** Mulberry32: numbers from 0 up to 1. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
