import { laterTs } from '../timestamps.ts';

/** Which parts of a channel's history, or of a thread, have still to be read. Pure. */

/** Timestamps from `oldest` to `latest`, both included. */
export interface Range {
  oldest: string;
  latest: string;
}

/**
 * A range that has still to be read. Where a neighbour has been read, its end is a message that was there: a page
 * that shows it again leaves nothing out between them.
 */
export interface Unread extends Range {
  /** 1: it has been read before, and is read again for edits and deletions that came since. */
  look_back: number;
  /** In ms since 1970. */
  asked_at: number;
}

/** Takes a part out of some ranges. */
export function without<T extends Range>(ranges: T[], part: Range): T[] {
  return ranges.flatMap((range) => {
    if (part.latest < range.oldest || part.oldest > range.latest) return range;
    return [
      { ...range, latest: part.oldest },
      { ...range, oldest: part.latest },
    ].filter(({ oldest, latest }) => oldest < latest);
  });
}

/** Adds a range that has never been read. Such ranges are joined: their order says nothing. */
export function addUnread(ranges: Unread[], range: Range, now: number): Unread[] {
  const added = { ...range, look_back: 0, asked_at: now };
  const rest: Unread[] = [];
  for (const one of ranges) {
    const isApart = one.latest < added.oldest || one.oldest > added.latest;
    if (one.look_back || isApart) rest.push(one);
    else {
      added.oldest = one.oldest < added.oldest ? one.oldest : added.oldest;
      added.latest = laterTs(one.latest, added.latest);
      added.asked_at = Math.min(one.asked_at, added.asked_at);
    }
  }
  return inOrder([added, ...rest.flatMap((one) => (one.look_back ? without([one], added) : one))]);
}

/**
 * Adds a range to read again. What waits to be read anyway keeps its place, so that look-backs which are interrupted
 * again and again come round to everything. The rest is read after it, joined where possible.
 */
export function addLookBack(ranges: Unread[], range: Range, now: number): Unread[] {
  let parts = [range];
  for (const one of ranges) parts = parts.flatMap((part) => without([part], one));
  const [next, ...later] = inOrder(ranges.filter(({ look_back }) => look_back === 1));
  let rest = later;
  for (const part of parts) {
    const added = { ...part, look_back: 1, asked_at: now };
    const neighbours = rest.filter(
      ({ oldest, latest }) => latest === part.oldest || oldest === part.latest,
    );
    for (const { oldest, latest, asked_at } of neighbours) {
      if (latest === part.oldest) added.oldest = oldest;
      else added.latest = latest;
      added.asked_at = Math.min(asked_at, added.asked_at);
    }
    rest = [added, ...rest.filter((one) => !neighbours.includes(one))];
  }
  const missed = ranges.filter(({ look_back }) => look_back === 0);
  return inOrder([...missed, ...(next ? [next] : []), ...rest]);
}

/** First what has never been read, the newest of it first; then what was asked for first. */
export function inOrder(ranges: Unread[]): Unread[] {
  return ranges.toSorted(
    (a, b) =>
      a.look_back - b.look_back ||
      (a.look_back ? a.asked_at - b.asked_at : 0) ||
      (a.latest < b.latest ? 1 : -1),
  );
}

/** The range to read next, with those after it that begin where it ends: they take no calls of their own. */
export function nextToRead(ranges: Unread[]): Range | undefined {
  const [first, ...others] = inOrder(ranges);
  if (!first) return undefined;
  let { oldest } = first;
  for (const one of others) {
    if (one.latest !== oldest) break;
    oldest = one.oldest;
  }
  return { oldest, latest: first.latest };
}

/** Cuts off what comes before a time. */
export function startingAt<T extends Range>(ranges: T[], oldest: string): T[] {
  return ranges
    .filter(({ latest }) => latest > oldest)
    .map((range) => ({ ...range, oldest: laterTs(range.oldest, oldest) }));
}
