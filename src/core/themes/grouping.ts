import { z } from 'zod';
import { MISFIT, readAnswer, type Usage } from '../runs/verdict.ts';

/**
 * Groups: which of a run's new gists, and of the themes that are there, say the same. Claude is given
 * ids and gives back ids; this file reads what came back, and nothing that was not given gets
 * through.
 */

/** The answer as Claude is asked for it. */
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
  /** Indexes of gists, the one that says it best first. */
  gists: number[];
  /** Themes that are there, of which all these gists are. */
  themes: number[];
}

export type GroupingReading =
  /** `strays`: ids that were not given, or come again: they are passed over. */
  | { kind: 'groups'; groups: Group[]; strays: number; usage?: Usage }
  | { kind: 'bad'; reason: string; usage?: Usage };

/**
 * Reads the answer to a grouping request. Never throws, whatever it is given.
 * @param gists how many were given
 * @param themes the ids of those that were given
 */
export function readGrouping(
  message: unknown,
  { gists, themes }: { gists: number; themes: number[] },
): GroupingReading {
  const read = readAnswer(message);
  const usage = read.usage && { usage: read.usage };
  if (read.kind === 'bad') return { kind: 'bad', reason: read.reason, ...usage };
  const parsed = groupingSchema.safeParse(read.json);
  if (!parsed.success) return { kind: 'bad', reason: MISFIT, ...usage };

  const freeGists = new Map(Array.from({ length: gists }, (_, index) => [gistId(index), index]));
  const freeThemes = new Map(themes.map((id) => [themeId(id), id]));
  let strays = 0;
  const take = (free: Map<string, number>, ids: string[]) =>
    ids.flatMap((raw) => {
      const id = raw.trim().toLowerCase();
      const found = free.get(id);
      if (found === undefined) {
        strays++;
        return [];
      }
      // In one group only: the first that has it.
      free.delete(id);
      return [found];
    });
  const groups = parsed.data.groups.flatMap((group) => {
    const taken = { gists: take(freeGists, group.gists), themes: take(freeThemes, group.themes) };
    // One gist alone, or themes without a new gist, say nothing new.
    return taken.gists.length > 0 && taken.gists.length + taken.themes.length > 1 ? [taken] : [];
  });
  return { kind: 'groups', groups, strays, ...usage };
}
