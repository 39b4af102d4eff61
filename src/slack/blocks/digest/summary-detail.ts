import { SHOWN } from '../../../core/digest/digest.ts';

/** How much a summary shows, and what it leaves out first if it would be too long. */

/** Gives the address of a post of the thread by its key; undefined until it is posted. */
export type LinkOf = (key: string) => string | undefined;

/** The most entries to show of each part, and whether to show links and the chart. */
export type Detail = typeof SHOWN & { links: boolean; chart: boolean };

export const ALL: Detail = { ...SHOWN, links: true, chart: true };

/** Applied one after another until the summary fits; only very long names and words need this. */
export const LESS: Partial<Detail>[] = [
  { praise: 1 },
  { stillOpen: 2, themes: 2 },
  { praise: 0 },
  { chart: false },
  { stillOpen: 1, themes: 1 },
  { needs: 1 },
  { links: false },
  { stillOpen: 0, themes: 0, needs: 0 },
];
