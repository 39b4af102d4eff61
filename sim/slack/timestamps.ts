// Slack's `ts`: seconds with six decimals, as text. Always compared as text: doubles are not precise
// enough for neighbouring microseconds.

const CANONICAL = /^\d{10}\.\d{6}$/;
const DECIMAL = /^(\d{1,16})(?:\.(\d{1,20}))?$/;

export function isCanonicalTs(ts: string): boolean {
  return CANONICAL.test(ts);
}

/** A text that sorts like the number in `ts`; undefined when that is not a plain decimal. */
export function toSortKey(ts: string): string | undefined {
  const match = DECIMAL.exec(ts);
  if (!match) return undefined;
  const seconds = (match[1] ?? '').padStart(16, '0');
  return `${seconds}.${(match[2] ?? '').replace(/0+$/, '')}`;
}

/** The first ts of a moment in ms since 1970. */
export function msToTs(ms: number): string {
  const whole = Math.floor(ms);
  return `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}000`;
}

/** Returns strictly increasing timestamps that follow the clock. */
export function createTsClock(now: () => number = Date.now): () => string {
  let last = 0n;
  return () => {
    const wall = BigInt(Math.floor(now())) * 1000n;
    last = wall > last ? wall : last + 1n;
    return `${last / 1_000_000n}.${String(last % 1_000_000n).padStart(6, '0')}`;
  };
}

/** Index of the first entry of a sorted list that is at least `key`. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function insertSorted(sorted: string[], value: string): void {
  const last = sorted[sorted.length - 1];
  if (last === undefined || last < value) sorted.push(value);
  else {
    const at = lowerBound(sorted, value);
    if (sorted[at] !== value) sorted.splice(at, 0, value);
  }
}

export function removeSorted(sorted: string[], value: string): void {
  const at = lowerBound(sorted, value);
  if (sorted[at] === value) sorted.splice(at, 1);
}
