import { z } from 'zod';

/** An answer that may not be the last one of a list. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject({
    ...shape,
    response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
  });

export interface Page {
  response_metadata?: { next_cursor?: string | undefined } | undefined;
}

/**
 * Asks for page after page, for as long as there are more and the caller wants them.
 * @param ask asks for the page of a cursor, or for the first
 * @param read the page of an answer; undefined ends it
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
