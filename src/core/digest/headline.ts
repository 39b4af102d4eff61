/** What the headline of a summary says, from its numbers alone, so that it cannot contradict them. */

export interface HeadlineFacts {
  /** A run's summary says what is new since the last one; a span's what was posted in it. */
  kind: 'run' | 'span';
  /** Classified messages, and how many of them are noise. */
  total: number;
  noise: number;
  /** Messages of this summary that need a person, and that did but have been settled since. */
  needs: number;
  settled: number;
  /** Messages of earlier summaries that still need a person. */
  stillOpen: number;
  /** Messages that could not be classified, that the next run tries again, and whose results are late. */
  dead: number;
  again: number;
  awaited: number;
}

export type HeadlinePart =
  | { kind: 'nothing new'; about: 'run' | 'span' }
  | { kind: 'nothing yet' }
  | { kind: 'messages'; total: number; noise: number }
  | { kind: 'needs'; count: number }
  /** `new`: earlier ones do; `any more`: some did; `so far`: not everything is classified. */
  | { kind: 'needs nobody'; only: 'new' | 'so far' | null; anyMore: boolean }
  | { kind: 'unclassified'; count: number };

export function composeHeadline(facts: HeadlineFacts): HeadlinePart[] {
  const { kind, total, dead, again, awaited } = facts;
  if (total + dead + again + awaited === 0) return [{ kind: 'nothing new', about: kind }];
  if (total + dead === 0) return [{ kind: 'nothing yet' }];
  return [
    ...(total > 0 ? [{ kind: 'messages' as const, total, noise: countNoise(facts) }] : []),
    ...describeNeed(facts),
    ...(dead > 0 ? [{ kind: 'unclassified' as const, count: dead }] : []),
  ];
}

/** What needs a person, or did, is no noise, whatever its category. */
const countNoise = ({ total, noise, needs, settled }: HeadlineFacts) =>
  Math.max(0, Math.min(noise, total - needs - settled));

function describeNeed({ needs, settled, stillOpen, dead, awaited }: HeadlineFacts): HeadlinePart[] {
  if (needs > 0) return [{ kind: 'needs', count: needs }];
  // People have to look at what could not be classified.
  if (dead > 0) return [];
  const only = stillOpen > 0 ? 'new' : awaited > 0 ? 'so far' : null;
  return [{ kind: 'needs nobody', only, anyMore: settled > 0 && only !== 'so far' }];
}
