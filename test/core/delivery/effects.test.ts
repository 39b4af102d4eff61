import { describe, expect, test } from 'vitest';
import {
  decideReactions,
  type Effect,
  laneOf,
  type NewEffect,
  PRIORITY,
  type ReactionChange,
} from '../../../src/core/delivery/effects.ts';

const MESSAGE = { channel: 'C1', ts: '1732272000.000100' };

const change = (more: Partial<ReactionChange> = {}): ReactionChange => ({
  ...MESSAGE,
  cause: 'v5',
  before: null,
  after: 'bug',
  flagged: false,
  ...more,
});

/** What a new verdict changes, in short: `+bug` made, `-bug` taken back. */
const changes = (effects: NewEffect[]) =>
  effects.map(({ effect }) => {
    if (effect.kind !== 'react' && effect.kind !== 'unreact') throw new Error(effect.kind);
    expect(effect.ts).toBe(MESSAGE.ts);
    return `${effect.kind === 'react' ? '+' : '-'}${effect.name}`;
  });

describe('decideReactions', () => {
  test.each<[string, string | null, string | null, string[]]>([
    ['a first verdict gets its reaction', null, 'bug', ['+bug']],
    ['noise gets none', null, null, []],
    ['the same category is left alone', 'bug', 'bug', []],
    ['another category replaces the reaction', 'bug', 'tada', ['+tada', '-bug']],
    ['what turns out to be noise loses it', 'bug', null, ['-bug']],
  ])('%s', (_what, before, after, expected) => {
    expect(changes(decideReactions(change({ before, after })))).toEqual(expected);
  });

  test('reactions on flagged messages go before the others', () => {
    const priorities = [true, false].map(
      (flagged) => decideReactions(change({ flagged }))[0]?.priority,
    );
    expect(priorities).toEqual([PRIORITY.flaggedReaction, PRIORITY.reaction]);
  });

  test('each effect of each cause has a key of its own, the same whenever it is decided', () => {
    const keys = (cause: string) =>
      decideReactions(change({ cause, before: 'tada' })).map(({ key }) => key);
    expect(keys('v5')).toEqual(keys('v5'));
    expect(new Set([...keys('v5'), ...keys('a5')]).size).toBe(4);
  });
});

test('the summary goes first, then what needs attention, reactions last', () => {
  const order = Object.entries(PRIORITY).toSorted(([, a], [, b]) => a - b);
  expect(order.map(([what]) => what)).toEqual([
    'digest',
    'person',
    'card',
    'flaggedReaction',
    'reply',
    'reaction',
  ]);
});

test('posts wait for one another by channel, reactions everywhere, words to one person never', () => {
  const rendered = { text: 'x', blocks: [] };
  const metadata = { event_type: 'winnow_digest' as const, event_payload: { key: 'k', run: 1 } };
  const lane = (channel: string, effect: Effect) =>
    laneOf({ key: 'k', channel, priority: 0, effect });
  const post = { kind: 'post' as const, metadata, ...rendered };
  expect(lane('C1', post)).not.toBe(lane('C2', post));
  const react = { ts: MESSAGE.ts, name: 'bug' };
  expect(lane('C1', { kind: 'react', ...react })).toBe(lane('C2', { kind: 'unreact', ...react }));
  const lanes = [
    post,
    { kind: 'react' as const, ...react },
    { kind: 'ephemeral' as const, user: 'U1', ...rendered },
  ].map((effect) => lane('C1', effect));
  expect(new Set(lanes).size).toBe(3);
});
