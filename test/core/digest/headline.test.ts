import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeHeadline, type HeadlineFacts } from '../../../src/core/digest/headline.ts';
import { describePart } from '../../../src/slack/blocks/digest/summary-words.ts';
import { renderContext } from '../../slack/blocks/digest/digests.ts';

/** The headline of a summary: no sentence contradicts the numbers beside it. */

const NONE: HeadlineFacts = {
  kind: 'run',
  total: 0,
  noise: 0,
  fresh: 0,
  earlier: 0,
  settled: 0,
  dead: 0,
  again: 0,
  awaited: 0,
};

const say = (facts: HeadlineFacts) =>
  composeHeadline(facts)
    .map((part) => describePart(part, renderContext))
    .join(' ');

test.each<[Partial<HeadlineFacts>, string]>([
  [{}, 'No new feedback since the last summary.'],
  [{ kind: 'span' }, 'No feedback in this period.'],
  [{ earlier: 1 }, 'No new feedback since the last summary. 1 needs attention.'],
  [{ total: 1 }, '1 message. Nothing needs attention.'],
  [{ total: 2, fresh: 1 }, '2 messages. 1 needs attention.'],
  [{ total: 3, fresh: 2, earlier: 4 }, '3 messages. 6 need attention.'],
  [{ total: 2, earlier: 1 }, '2 messages. 1 needs attention.'],
  [{ total: 2, settled: 2 }, '2 messages. Nothing needs attention any more.'],
  [{ total: 2, settled: 2, earlier: 1 }, '2 messages. 1 needs attention.'],
  [{ total: 3, noise: 1 }, '3 messages, 1 of them not feedback. Nothing needs attention.'],
  [{ total: 2, noise: 2 }, '2 messages, none of them feedback. Nothing needs attention.'],
  [{ total: 1, noise: 1 }, '1 message, not feedback. Nothing needs attention.'],
  // A person flagged one that is in the category of what is no feedback.
  [{ total: 2, noise: 2, fresh: 1 }, '2 messages, 1 of them not feedback. 1 needs attention.'],
  [{ total: 1, noise: 1, fresh: 1 }, '1 message. 1 needs attention.'],
  [{ dead: 1 }, '1 could not be classified.'],
  [{ dead: 1, earlier: 2 }, '2 need attention. 1 could not be classified.'],
  [{ total: 4, dead: 1 }, '4 messages. 1 could not be classified.'],
  [{ total: 4, fresh: 2, dead: 1 }, '4 messages. 2 need attention. 1 could not be classified.'],
  [{ total: 4, awaited: 3 }, '4 messages. Nothing needs attention so far.'],
  [{ total: 4, settled: 1, awaited: 3 }, '4 messages. Nothing needs attention so far.'],
  [{ awaited: 3 }, 'Nothing is classified yet.'],
  [{ awaited: 3, earlier: 2 }, 'Nothing is classified yet. 2 need attention.'],
  [{ again: 2 }, 'Nothing is classified yet.'],
])('%o: %s', (facts, words) => {
  expect(say({ ...NONE, ...facts })).toBe(words);
});

test('whatever the numbers are, the headline agrees with them', () => {
  const few = fc.oneof(fc.constant(0), fc.nat(3), fc.nat(5000));
  const random = fc
    .record({
      kind: fc.constantFrom('run' as const, 'span' as const),
      total: few,
      noise: few,
      fresh: few,
      earlier: few,
      settled: few,
      dead: few,
      again: few,
      awaited: few,
    })
    .map(({ total, dead, ...rest }) => {
      const fresh = Math.min(rest.fresh, total + dead);
      const settled = Math.min(rest.settled, total + dead - fresh);
      return { ...rest, total, dead, fresh, settled, noise: Math.min(rest.noise, total) };
    });
  fc.assert(
    fc.property(random, (facts) => {
      const words = say(facts);
      expect(words).not.toBe('');
      expect(words).not.toMatch(/\b0\b/);
      if (/Nothing needs/.test(words)) {
        expect([facts.fresh, facts.earlier, facts.dead]).toEqual([0, 0, 0]);
      }
      if (/Nothing needs attention(?: any more)?\./.test(words)) expect(facts.awaited).toBe(0);
      if (/any more/.test(words)) expect(facts.settled).toBeGreaterThan(0);
      if (/none of them feedback|, not feedback/.test(words)) {
        expect([facts.noise, facts.fresh]).toEqual([facts.total, 0]);
      }
      const said = (pattern: RegExp) => Number(pattern.exec(words)?.[1]?.replaceAll(',', '') ?? 0);
      expect(said(/([\d,]+) messages?/)).toBe(facts.total);
      expect(said(/([\d,]+) needs? attention/)).toBe(facts.fresh + facts.earlier);
      expect(said(/([\d,]+) could not be/)).toBe(facts.dead);
      const noise = said(/([\d,]+) of them not feedback/);
      expect(noise).toBeLessThanOrEqual(facts.noise);
      if (noise > 0) expect(noise + facts.fresh).toBeLessThanOrEqual(facts.total);
      if (/No (?:new )?feedback/.test(words)) {
        expect([facts.total, facts.dead, facts.again, facts.awaited]).toEqual([0, 0, 0, 0]);
      }
    }),
  );
});
