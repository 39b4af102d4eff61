import { SHOWN } from '../../../core/digest/digest.ts';

/** How much of a summary is shown, and what is left out first where it would be too long. */

/** Where a post of the thread stands, by its key; undefined while it is not posted. */
export type LinkOf = (key: string) => string | undefined;

/** How much of everything is shown. */
export type Detail = typeof SHOWN & { links: boolean; chart: boolean };

export const ALL: Detail = { ...SHOWN, links: true, chart: true };

/** What is given up first where it would be too long: only long names and long words come to it. */
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
