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
  needs: 0,
  settled: 0,
  stillOpen: 0,
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
  [{ kind: 'span' }, 'No feedback in this time.'],
  [{ stillOpen: 1 }, 'No new feedback since the last summary.'],
  [{ total: 1 }, '1 message. Nothing needs a person.'],
  [{ total: 2, needs: 1 }, '2 messages. 1 needs a person.'],
  [{ total: 3, needs: 2, stillOpen: 4 }, '3 messages. 2 need a person.'],
  [{ total: 2, stillOpen: 1 }, '2 messages. Nothing new needs a person.'],
  [{ total: 2, settled: 2 }, '2 messages. Nothing needs a person any more.'],
  [{ total: 2, settled: 2, stillOpen: 1 }, '2 messages. Nothing new needs a person any more.'],
  [{ total: 3, noise: 1 }, '3 messages, 1 of them noise. Nothing needs a person.'],
  [{ total: 2, noise: 2 }, '2 messages, all of them noise. Nothing needs a person.'],
  [{ total: 1, noise: 1 }, '1 message: noise. Nothing needs a person.'],
  // A person flagged one that is in the category of noise.
  [{ total: 2, noise: 2, needs: 1 }, '2 messages, 1 of them noise. 1 needs a person.'],
  [{ total: 1, noise: 1, needs: 1 }, '1 message. 1 needs a person.'],
  [{ dead: 1 }, '1 could not be classified.'],
  [{ total: 4, dead: 1 }, '4 messages. 1 could not be classified.'],
  [{ total: 4, needs: 2, dead: 1 }, '4 messages. 2 need a person. 1 could not be classified.'],
  [{ total: 4, awaited: 3 }, '4 messages. Nothing needs a person so far.'],
  [{ total: 4, settled: 1, awaited: 3 }, '4 messages. Nothing needs a person so far.'],
  [{ awaited: 3 }, 'Nothing is classified yet.'],
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
      needs: few,
      settled: few,
      stillOpen: few,
      dead: few,
      again: few,
      awaited: few,
    })
    .map(({ total, dead, ...rest }) => {
      const needs = Math.min(rest.needs, total + dead);
      const settled = Math.min(rest.settled, total + dead - needs);
      return { ...rest, total, dead, needs, settled, noise: Math.min(rest.noise, total) };
    });
  fc.assert(
    fc.property(random, (facts) => {
      const words = say(facts);
      expect(words).not.toBe('');
      expect(words).not.toMatch(/\b0\b/);
      if (/Nothing needs/.test(words))
        expect([facts.needs, facts.stillOpen, facts.dead]).toEqual([0, 0, 0]);
      if (/Nothing new needs/.test(words))
        expect([facts.needs, facts.stillOpen > 0]).toEqual([0, true]);
      if (/Nothing \w* ?needs[^.]*person(?: any more)?\./.test(words))
        expect(facts.awaited === 0 || facts.stillOpen > 0).toBe(true);
      if (/any more/.test(words)) expect(facts.settled).toBeGreaterThan(0);
      if (/all of them noise|: noise/.test(words)) {
        expect([facts.noise, facts.needs]).toEqual([facts.total, 0]);
      }
      const said = (pattern: RegExp) => Number(pattern.exec(words)?.[1]?.replaceAll(',', '') ?? 0);
      expect(said(/([\d,]+) messages?/)).toBe(facts.total);
      expect(said(/([\d,]+) needs? a person/)).toBe(facts.total + facts.dead > 0 ? facts.needs : 0);
      expect(said(/([\d,]+) could not be/)).toBe(facts.dead);
      const noise = said(/([\d,]+) of them noise/);
      expect(noise).toBeLessThanOrEqual(facts.noise);
      if (noise > 0) expect(noise + facts.needs).toBeLessThanOrEqual(facts.total);
      if (/No (?:new )?feedback/.test(words)) {
        expect([facts.total, facts.dead, facts.again, facts.awaited]).toEqual([0, 0, 0, 0]);
      }
    }),
  );
});
