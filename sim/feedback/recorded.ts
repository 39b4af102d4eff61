import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readRows } from './sample.ts';

/** The recorded verdicts of the sample messages, found by the text of a message or by a gist. */

const CATEGORIES = ['bug', 'feature_request', 'usability', 'praise', 'question'] as const;

const recordedSchema = z.strictObject({
  id: z.string(),
  category: z.enum([...CATEGORIES, 'noise']),
  /** The category of the other thing that the message does. */
  also: z.enum(CATEGORIES).optional(),
  urgency: z.enum(['low', 'medium', 'high']),
  sentiment: z.enum(['positive', 'neutral', 'negative']),
  gist: z.string(),
  language: z.string(),
  confidence: z.number(),
  /** Messages with the same theme ask for the very same thing. */
  theme: z.string().optional(),
});
export type Recorded = z.infer<typeof recordedSchema>;

let known: { byText: Map<string, Recorded>; byGist: Map<string, Recorded> } | undefined;

export const findRecorded = (text: string): Recorded | undefined =>
  load().byText.get(normalise(text));

/** By its gist, as it stands in a later prompt. */
export const findByGist = (gist: string): Recorded | undefined =>
  load().byGist.get(normalise(gist));

function load() {
  if (known) return known;
  const verdicts = readVerdicts();
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const byText = new Map<string, Recorded>();
  for (const { id, text, edit } of readRows()) {
    const pairs = [
      [text, byId.get(id)],
      [edit, byId.get(`${id}-edited`)],
    ] as const;
    // A short text such as "Super" occurs twice: its first verdict counts.
    for (const [said, verdict] of pairs) {
      if (said === undefined || !verdict || byText.has(normalise(said))) continue;
      byText.set(normalise(said), verdict);
    }
  }
  const byGist = new Map<string, Recorded>();
  for (const verdict of verdicts) {
    // Of two with the same gist, the one with a theme says more.
    const key = normalise(verdict.gist);
    if (!byGist.get(key)?.theme) byGist.set(key, verdict);
  }
  known = { byText, byGist };
  return known;
}

export function readVerdicts(): Recorded[] {
  return readFileSync(path.join(import.meta.dirname, 'verdicts.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => recordedSchema.parse(JSON.parse(line)));
}

const normalise = (text: string) => text.replace(/\s+/gu, ' ').trim();
