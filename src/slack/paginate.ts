import { z } from 'zod';
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

/** Timestamps from `oldest` to `latest`, both included. */
export interface Range {
  oldest: string;
  latest: string;
}

/** After this many pages in a row that bring nothing new, Slack would go on like that for ever. */
const MOST_EMPTY = 10;

/** A range to read, or the rest of one that was begun. */
interface Part {
  range: Range;
  cursor: string | undefined;
  /** The first and the last timestamp on the pages before the cursor. */
  read: string[];
}

/**
 * Reads messages between two timestamps, page by page. Slack does not say at which end pages begin,
 * and a page that is not the last may come without a cursor: then both sides of it are read. Absence
 * proves nothing until the range is whole.
 * @param ask gets a page
 * @param read extracts the page and the timestamps on it; undefined ends the reading
 * @returns each answer, and whether the range is whole with it
 */
export async function* paginateRange<T>(
  range: Range,
  ask: (args: Range & { inclusive: true; cursor: string | undefined }) => Promise<T>,
  read: (answer: T) => { page: Page; timestamps: string[] } | undefined,
): AsyncGenerator<{ answer: T; whole: boolean }> {
  const left: Part[] = [{ range, cursor: undefined, read: [] }];
  const seen = new Set<string>();
  const cursors = new Set<string>();
  let certain = true;
  let empty = 0;
  for (let part = left.pop(); part; part = left.pop()) {
    const answer = await ask({ ...part.range, inclusive: true, cursor: part.cursor });
    const found = read(answer);
    if (!found) {
      yield { answer, whole: false };
      return;
    }
    const known = seen.size;
    for (const ts of found.timestamps) seen.add(ts);
    const isNew = seen.size > known;
    const cursor = cursorOf(found.page);
    empty = isNew || cursor === undefined ? 0 : empty + 1;
    const next = continueAfter(part, found, isNew);
    if (!next || empty > MOST_EMPTY || (cursor !== undefined && cursors.has(cursor))) {
      certain = false;
    } else {
      left.push(...next);
    }
    if (cursor !== undefined) cursors.add(cursor);
    yield { answer, whole: certain && left.length === 0 };
  }
}

/**
 * @param isNew whether the page has anything that no page before it had
 * @returns what is left to read after a page; null when nobody can tell
 */
function continueAfter(
  { range, read }: Part,
  { page, timestamps }: { page: Page; timestamps: string[] },
  isNew: boolean,
): Part[] | null {
  const cursor = cursorOf(page);
  const sorted = [...read, ...timestamps].toSorted();
  const [first = range.latest, last = range.oldest] = [sorted[0], sorted.at(-1)];
  if (cursor !== undefined)
    return [{ range, cursor, read: sorted.length > 0 ? [first, last] : [] }];
  if (!page.has_more) return [];
  // Only a page in order shows that nothing is left out between its ends.
  if (!isNew || !isInOrder(timestamps)) return null;
  return [
    { oldest: range.oldest, latest: stepTs(first, -1) },
    { oldest: stepTs(last, 1), latest: range.latest },
  ]
    .filter(({ oldest, latest }) => oldest <= latest)
    .map((side) => ({ range: side, cursor: undefined, read: [] }));
}

function isInOrder(timestamps: string[]): boolean {
  const sorted = timestamps.toSorted();
  const given = timestamps.join();
  return given === sorted.join() || given === sorted.reverse().join();
}

/** The timestamps on a page, also those of messages in an unknown form. */
export const timestampsOf = (messages: { ts: string }[]): string[] =>
  messages.map(({ ts }) => ts).filter((ts) => TS_PATTERN.test(ts));
