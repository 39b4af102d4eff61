/** What the headline of a summary says, from its numbers alone, so that it cannot contradict them. */

export interface HeadlineFacts {
  /** A run's summary says what is new since the last one; a span's what was posted in it. */
  kind: 'run' | 'span';
  /** Classified messages, and how many of them are in a category that is not feedback. */
  total: number;
  noise: number;
  /** Messages that need attention: those of this summary, and those of earlier ones. */
  fresh: number;
  earlier: number;
  /** Messages of this summary that needed attention and have been settled since. */
  settled: number;
  /** Messages that could not be classified, that the next run tries again, and whose results are late. */
  dead: number;
  again: number;
  awaited: number;
}

export type HeadlinePart =
  | { kind: 'nothing new'; about: 'run' | 'span' }
  | { kind: 'nothing yet' }
  | { kind: 'messages'; total: number; noise: number }
  | { kind: 'attention'; count: number }
  /** `any more`: something did; `so far`: not everything is classified. */
  | { kind: 'no attention'; until: 'so far' | 'any more' | null }
  | { kind: 'unclassified'; count: number };

export function composeHeadline(facts: HeadlineFacts): HeadlinePart[] {
  const { kind, total, dead, again, awaited } = facts;
  const open = countOpen(facts);
  const attention = open > 0 ? [{ kind: 'attention' as const, count: open }] : [];
  if (total + dead + again + awaited === 0) {
    return [{ kind: 'nothing new', about: kind }, ...attention];
  }
  if (total + dead === 0) return [{ kind: 'nothing yet' }, ...attention];
  return [
    ...(total > 0 ? [{ kind: 'messages' as const, total, noise: countNoise(facts) }] : []),
    ...(open > 0 ? attention : findCalm(facts)),
    ...(dead > 0 ? [{ kind: 'unclassified' as const, count: dead }] : []),
  ];
}

const countOpen = ({ fresh, earlier }: HeadlineFacts) => fresh + earlier;

/** What needs attention, or did, is feedback, whatever its category. */
const countNoise = ({ total, noise, fresh, settled }: HeadlineFacts) =>
  Math.max(0, Math.min(noise, total - fresh - settled));

function findCalm({ settled, dead, awaited }: HeadlineFacts): HeadlinePart[] {
  // People have to look at what could not be classified.
  if (dead > 0) return [];
  return [
    { kind: 'no attention', until: awaited > 0 ? 'so far' : settled > 0 ? 'any more' : null },
  ];
}
