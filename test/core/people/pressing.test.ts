import { expect, test } from 'vitest';
import { byPressure, type Pressing } from '../../../src/core/people/pressing.ts';

/** The order of what needs attention. */

const flag = (ts: string, more: Partial<Pressing> = {}): Pressing => ({
  channel: 'C0FEEDBACK',
  ts,
  state: 'open',
  urgency: 'medium',
  people: 1,
  confidence: 0.9,
  openedAt: 1_000,
  ...more,
});

test('nobody’s first, then by urgency, people, confidence and age', () => {
  const ordered = [
    flag('open', { urgency: 'high' }),
    flag('said by five', { people: 5, confidence: 0.5, openedAt: 9_000 }),
    flag('said by two', { people: 2, openedAt: 9_000 }),
    flag('surest', { confidence: 1, openedAt: 9_000 }),
    flag('oldest', { openedAt: 500 }),
    flag('a little surer', { confidence: 0.94, openedAt: 600 }),
    flag('a', { openedAt: 700 }),
    flag('b', { openedAt: 700 }),
    flag('unsure', { confidence: 0.4, openedAt: 100 }),
    flag('not urgent', { urgency: 'low', people: 50 }),
    flag('claimed', { state: 'claimed', urgency: 'high', people: 50 }),
    flag('done', { state: 'resolved', urgency: 'high', openedAt: 1 }),
    flag('no issue', { state: 'dismissed', urgency: 'high', openedAt: 2 }),
  ];
  const names = ordered.map(({ ts }) => ts);
  expect(
    ordered
      .toReversed()
      .toSorted(byPressure)
      .map(({ ts }) => ts),
  ).toEqual(names);
});

test('what nobody has judged is as urgent as what is not urgent', () => {
  const unjudged = flag('unjudged', { urgency: null, openedAt: 1 });
  const low = flag('low', { urgency: 'low', openedAt: 2 });
  expect([flag('medium'), low, unjudged].toSorted(byPressure).map(({ ts }) => ts)).toEqual([
    'medium',
    'unjudged',
    'low',
  ]);
});
