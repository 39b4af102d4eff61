import { z } from 'zod';
import { cleanText, shorten } from '../text.ts';

/** What Claude says of a request that it refuses. */

const bodySchema = z.looseObject({ error: z.looseObject({ message: z.string() }) });

const WORDS_LENGTH = 300;

/** Claude's own words in the body of an error, on one line; '' for a body of another form. */
export function readClaudesWords(body: unknown): string {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return '';
  return shorten(cleanText(parsed.data.error.message), WORDS_LENGTH);
}

/** The index of the request in a batch that an error is about, as in `requests.3.params: …`. */
export function findRefusedRequest(words: string): number | undefined {
  const match = /\brequests(?:\.|\[)(\d+)\b/.exec(words);
  return match ? Number(match[1]) : undefined;
}
