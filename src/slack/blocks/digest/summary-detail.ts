import { SHOWN } from '../../../core/digest/digest.ts';

/** How much a summary shows, and what it leaves out first if it would be too long. */

/** Gives the address of a post of the thread by its key; undefined until it is posted. */
export type LinkOf = (key: string) => string | undefined;

/** The most entries to show of each part, and whether to show links and the chart. */
export type Detail = typeof SHOWN & { links: boolean; chart: boolean };

export const ALL: Detail = { ...SHOWN, links: true, chart: true };

/** Applied one after another until the summary fits; only very long names and words need this. */
export const LESS: Partial<Detail>[] = [
  { chart: false },
  { praise: 0 },
  { themes: 2, attention: 3 },
  { themes: 1, attention: 2 },
  { links: false },
  { themes: 0, attention: 0 },
];

/**
 * The entries to show: all of them where there is room. Otherwise one less, so that the line about the
 * others takes no more room than the entry would.
 */
export function takeShown<T>(
  entries: T[],
  total: number,
  most: number,
): { shown: T[]; more: number } {
  const shown = entries.slice(0, total <= most ? most : Math.max(0, most - 1));
  return { shown, more: total - shown.length };
}
