import { z } from 'zod';
import type { Range } from '../core/intake/ranges.ts';
import { stepTs, TS_PATTERN } from '../core/timestamps.ts';

/** The schema of an answer that is one page of a list. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject({
    ...shape,
    has_more: z.boolean().nullish().catch(undefined),
    response_metadata: z.looseObject({ next_cursor: z.string().nullish() }).nullish(),
  });

export interface Page {
  has_more?: boolean | null | undefined;
  response_metadata?: { next_cursor?: string | null | undefined } | null | undefined;
}

/** Where the next page of a list begins; undefined for the last one. */
export const cursorOf = (page: Page): string | undefined =>
  page.response_metadata?.next_cursor || undefined;

/** After this many pages in a row that bring nothing new, Slack would go on like that for ever. */
const MOST_EMPTY = 10;

/** A range to read, or the rest of one that was begun. */
interface Part {
  range: Range;
  cursor: string | undefined;
  /** What the pages before the cursor have shown. */
  read: Read;
}

interface Read {
  /** The first and the last timestamp. */
  ends: string[];
  /** At which end of the range they began, once two pages have shown it. */
  begins?: 'oldest' | 'latest';
  /** Whether each page was in order and followed the one before it. */
  inOrder: boolean;
}

const NOTHING: Read = { ends: [], inOrder: true };

/**
 * Reads messages between two timestamps, page by page. Slack does not say at which end pages begin,
 * and a page that is not the last may come without a cursor: then both sides of it are read. Absence
 * proves nothing until the range is whole.
 * @param ask gets a page
 * @param read extracts the page and the timestamps on it; undefined ends the reading
 * @returns each answer; a part of the range that is known to have been read whole with it; and whether that is all
 */
export async function* paginateRange<T>(
  range: Range,
  ask: (args: Range & { inclusive: true; cursor: string | undefined }) => Promise<T>,
  read: (answer: T) => { page: Page; timestamps: string[] } | undefined,
): AsyncGenerator<{ answer: T; known: Range | undefined; whole: boolean }> {
  const left: Part[] = [{ range, cursor: undefined, read: NOTHING }];
  const seen = new Set<string>();
  const cursors = new Set<string>();
  let certain = true;
  let empty = 0;
  for (let part = left.pop(); part; part = left.pop()) {
    const answer = await ask({ ...part.range, inclusive: true, cursor: part.cursor });
    const found = read(answer);
    if (!found) {
      yield { answer, known: undefined, whole: false };
      return;
    }
    const before = seen.size;
    for (const ts of found.timestamps) seen.add(ts);
    const isNew = seen.size > before;
    const cursor = cursorOf(found.page);
    empty = isNew || cursor === undefined ? 0 : empty + 1;
    const now = readOn(part.read, found.timestamps);
    const next = continueAfter(part.range, found, now, isNew);
    if (!next || empty > MOST_EMPTY || (cursor !== undefined && cursors.has(cursor))) {
      certain = false;
    } else {
      left.push(...next);
    }
    if (cursor !== undefined) cursors.add(cursor);
    const whole = certain && left.length === 0;
    const known = next?.length === 0 ? part.range : knownOf(part.range, now);
    yield { answer, known: whole ? range : known, whole };
  }
}

/** @param timestamps on the next page */
function readOn(read: Read, timestamps: string[]): Read {
  const sorted = timestamps.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return read;
  const [oldest, latest] = read.ends;
  const isOrderly = read.inOrder && isInOrder(timestamps);
  if (oldest === undefined || latest === undefined) {
    return { ends: [first, last], inOrder: isOrderly };
  }
  const begins = last < oldest ? 'latest' : first > latest ? 'oldest' : undefined;
  const all = [oldest, latest, first, last].toSorted();
  return {
    ends: [all[0] ?? first, all.at(-1) ?? last],
    ...(begins && { begins }),
    inOrder: isOrderly && begins !== undefined && begins === (read.begins ?? begins),
  };
}

/** The part of a range that pages have shown to its last message. */
function knownOf(range: Range, { ends: [first, last], begins, inOrder }: Read): Range | undefined {
  if (first === undefined || last === undefined || !inOrder) return undefined;
  return {
    oldest: begins === 'oldest' ? range.oldest : first,
    latest: begins === 'latest' ? range.latest : last,
  };
}

/**
 * @param read with this page
 * @param isNew whether the page has anything that no page before it had
 * @returns what is left to read after a page; null when nobody can tell
 */
function continueAfter(
  range: Range,
  { page, timestamps }: { page: Page; timestamps: string[] },
  read: Read,
  isNew: boolean,
): Part[] | null {
  const cursor = cursorOf(page);
  if (cursor !== undefined) return [{ range, cursor, read }];
  if (!page.has_more) return [];
  // Only a page in order shows that nothing is left out between its ends.
  if (!isNew || !isInOrder(timestamps)) return null;
  const [first = range.latest, last = range.oldest] = read.ends;
  return [
    { oldest: range.oldest, latest: stepTs(first, -1) },
    { oldest: stepTs(last, 1), latest: range.latest },
  ]
    .filter(({ oldest, latest }) => oldest <= latest)
    .map((side) => ({ range: side, cursor: undefined, read: NOTHING }));
}

function isInOrder(timestamps: string[]): boolean {
  const sorted = timestamps.toSorted();
  const given = timestamps.join();
  return given === sorted.join() || given === sorted.reverse().join();
}

/** The timestamps on a page, also those of messages in an unknown form. */
export const timestampsOf = (messages: { ts: string }[]): string[] =>
  messages.map(({ ts }) => ts).filter((ts) => TS_PATTERN.test(ts));
