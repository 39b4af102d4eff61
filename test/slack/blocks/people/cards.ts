import type { CardFacts, Explanation } from '../../../../src/core/people/card.ts';
import type { Taxonomy } from '../../../../src/core/runs/taxonomy.ts';
import { CHANNEL, START, tsOf } from '../digest/digests.ts';

/** Cards and explanations to render. */

/** A message that a rule has flagged and nobody has acted on. */
export const cardOf = (more: Partial<CardFacts> = {}): CardFacts => ({
  channel: CHANNEL,
  ts: tsOf(1),
  threadTs: null,
  author: 'U0ANA',
  authorName: null,
  text: 'The export fails on Fridays, and <@U0ANA> has lost a &lt;report&gt;.',
  copies: [],
  deleted: false,
  category: 'bug',
  also: null,
  sentiment: 'negative',
  urgency: 'high',
  gist: 'The export fails on Fridays',
  person: null,
  confirmed: false,
  flaggedBy: null,
  state: 'open',
  by: null,
  why: null,
  changedAt: START,
  openedAt: START,
  takenBack: null,
  ...more,
});

export const explanationOf = (more: Partial<Explanation> = {}): Explanation => ({
  theme: null,
  channel: CHANNEL,
  ts: tsOf(1),
  threadTs: null,
  text: 'The export fails on Fridays, and <@U0ANA> has lost a &lt;report&gt;.',
  edited: false,
  category: 'bug',
  also: null,
  sentiment: 'negative',
  urgency: 'high',
  gist: 'The export fails on Fridays',
  confidence: 0.874,
  model: 'claude-haiku-5-5',
  taxonomyVersion: 3,
  judgedAt: START,
  person: null,
  claudeCategory: 'bug',
  claudeAlso: null,
  flaggedBy: null,
  dismissed: null,
  lane: { lane: 'batch', reason: 'half price', by: null },
  examples: [],
  ...more,
});

/** As large as a taxonomy may be, with the longest names and meanings. */
export const LARGEST: Taxonomy = {
  categories: Array.from({ length: 20 }, (_, n) => ({
    key: `category_${'x'.repeat(20)}_${n}`,
    name: `"${n}" ${'&'.repeat(40)}`.slice(0, 40),
    emoji: `emoji_${n}_${'x'.repeat(80)}`,
    meaning: '"'.repeat(400),
  })),
  flagged_when: [{ urgency: 'high' }],
};
