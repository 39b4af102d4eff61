import { z } from 'zod';

/** The schema of an answer that is one page of a list. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject({
    ...shape,
    response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
  });

export interface Page {
  response_metadata?: { next_cursor?: string | undefined } | undefined;
}

/**
 * Yields the answers page by page, until the list ends or the caller stops.
 * @param ask gets the page at a cursor; without a cursor, the first
 * @param read extracts the page from an answer; undefined ends the list
 */
export async function* paginate<T>(
  ask: (cursor: string | undefined) => Promise<T>,
  read: (answer: T) => Page | undefined,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const answer = await ask(cursor);
    yield answer;
    cursor = read(answer)?.response_metadata?.next_cursor || undefined;
  } while (cursor);
}
