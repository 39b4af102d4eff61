import { z } from 'zod';
import { readAnswer, SCHEMA_MISMATCH, type Usage } from '../runs/verdict.ts';
import { takeIds } from './ids.ts';

/**
 * Groups: which new gists of a run and which existing themes say the same thing. Claude receives ids
 * and returns ids. This file reads the answer and lets no id through that Claude was not given.
 */

/** The schema that Claude is asked to answer in. */
export const groupingSchema = z.object({
  groups: z.array(
    z.object({
      gists: z
        .array(z.string())
        .describe('Ids of <gist> tags, the one that says it best for all of them first'),
      themes: z.array(z.string()).describe('Ids of <theme> tags that say the same; mostly none'),
    }),
  ),
});

export const gistId = (index: number) => `g${index + 1}`;
export const themeId = (id: number) => `t${id}`;

export interface Group {
  /** Indexes of gists, the clearest one first. */
  gists: number[];
  /** Ids of existing themes that all these gists belong to. */
  themes: number[];
}

export type GroupingReading =
  /** `strays` counts ids that were not given or were repeated; they are ignored. */
  | { kind: 'groups'; groups: Group[]; strays: number; usage?: Usage }
  | { kind: 'bad'; reason: string; usage?: Usage };

/**
 * Reads the answer to a grouping request. Never throws, whatever the answer is.
 * @param gists how many gists Claude was given
 * @param themes the ids of the themes that Claude was given
 */
export function readGrouping(
  message: unknown,
  { gists, themes }: { gists: number; themes: number[] },
): GroupingReading {
  const read = readAnswer(message);
  const usage = read.usage && { usage: read.usage };
  if (read.kind === 'bad') return { kind: 'bad', reason: read.reason, ...usage };
  const parsed = groupingSchema.safeParse(read.json);
  if (!parsed.success) return { kind: 'bad', reason: SCHEMA_MISMATCH, ...usage };

  const freeGists = new Map(Array.from({ length: gists }, (_, index) => [gistId(index), index]));
  const freeThemes = new Map(themes.map((id) => [themeId(id), id]));
  let strays = 0;
  const take = (free: Map<string, number>, ids: string[]) => {
    const taken = takeIds(free, ids);
    strays += taken.strays;
    return taken.found;
  };
  const groups = parsed.data.groups.flatMap((group) => {
    const taken = { gists: take(freeGists, group.gists), themes: take(freeThemes, group.themes) };
    // A single gist, or themes without a new gist, form no group.
    return taken.gists.length > 0 && taken.gists.length + taken.themes.length > 1 ? [taken] : [];
  });
  return { kind: 'groups', groups, strays, ...usage };
}
