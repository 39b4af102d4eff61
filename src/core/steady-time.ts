/**
 * Time that never goes back: where a clock is set back, it goes on from where it was. For waits within this
 * process.
 * @param now a clock, in ms; it may be set
 */
export function createSteadyTime(now: () => number): () => number {
  let last = now();
  let offset = 0;
  return () => {
    const at = now();
    offset = Math.max(offset, last - at);
    last = at + offset;
    return last;
  };
}
