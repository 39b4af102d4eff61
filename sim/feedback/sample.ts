import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/**
 * The sample feedback: what the channel of a small company says about its product, which sells training
 * plans to clubs and gyms, between reviews of apps for the same sports.
 */

const AUTHORS = ['ana', 'ben', 'chloe', 'deniz', 'desk', 'form', 'reviews'] as const;
/** A person of the team, or an integration. */
export type Author = (typeof AUTHORS)[number];

const saidSchema = z.strictObject({ by: z.enum(AUTHORS), text: z.string() });

const channelSchema = saidSchema.extend({
  id: z.string(),
  replies: z.array(saidSchema).optional(),
  /** What it says after its author has edited it. */
  edit: z.string().optional(),
  /** What somebody posted just before, and deleted again. */
  withdrawn: saidSchema.optional(),
});
export type SampleRow = z.infer<typeof channelSchema>;

const reviewSchema = z
  .object({ id: z.string(), text: z.string() })
  .transform((review): SampleRow => ({ ...review, by: 'reviews' }));

let rows: readonly SampleRow[] | undefined;

/** Returns `count` sample rows, starting with row `from`; repeats after all of them. */
export function readSample(count: number, from = 0): SampleRow[] {
  const all = readRows();
  return Array.from({ length: count }, (_, index) => all[(from + index) % all.length]).filter(
    (row) => row !== undefined,
  );
}

/** All of them: two of the channel for each review, and the rest of the reviews at the end. */
export function readRows(): readonly SampleRow[] {
  rows ??= mix(
    readLines('channel.jsonl').map((line) => channelSchema.parse(line)),
    readLines('feedback.jsonl').map((line) => reviewSchema.parse(line)),
  );
  return rows;
}

function mix(channel: readonly SampleRow[], reviews: readonly SampleRow[]): SampleRow[] {
  const used = Math.ceil(channel.length / 2);
  return [
    ...reviews.slice(0, used).flatMap((review, n) => [...channel.slice(2 * n, 2 * n + 2), review]),
    ...reviews.slice(used),
  ];
}

const readLines = (name: string): unknown[] =>
  readFileSync(path.join(import.meta.dirname, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
