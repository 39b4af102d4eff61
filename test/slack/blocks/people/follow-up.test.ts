import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../../sim/slack/block-kit/validate.ts';
import type { Rendered } from '../../../../src/core/delivery/effects.ts';
import { flattenBlocks } from '../../../../src/slack/blocks/flatten.ts';
import { renderReminder, renderThanks } from '../../../../src/slack/blocks/people/follow-up.ts';
import { HOSTILE, renderContext } from '../digest/digests.ts';

/** What is said, and that it is the same with blocks and without. */
function wordsOf({ text, blocks }: Rendered): string {
  createBlockCheck([]).message(blocks, text);
  expect(flattenBlocks('', blocks)).toBe(text);
  return text;
}

const HOUR = 3_600_000;

describe('thanks', () => {
  test('name whoever has resolved it', () => {
    expect(wordsOf(renderThanks('Ana Gomez'))).toBe(
      'This has been resolved by Ana Gomez. Thank you for telling us.',
    );
  });

  test.each([null, ' '])('name nobody who has no name (%j)', (name) => {
    expect(wordsOf(renderThanks(name))).toBe(
      'This has been resolved by a teammate. Thank you for telling us.',
    );
  });
});

describe('a reminder', () => {
  test('says for how long, and that nobody has claimed it', () => {
    const gist = 'The export fails on Fridays';
    expect(wordsOf(renderReminder({ gist, by: null }, 48 * HOUR, renderContext))).toBe(
      'Still open for 2 days: The export fails on Fridays. Nobody has claimed it yet.',
    );
  });

  test('names the claimer and mentions nobody', () => {
    const gist = 'Where is the export?';
    expect(wordsOf(renderReminder({ gist, by: 'U0BOB' }, 30 * HOUR, renderContext))).toBe(
      'Still open for 30 h: Where is the export? Claimed by Bob &lt;!here&gt;.',
    );
  });

  test.each(HOSTILE.map((words) => [words.slice(0, 30), words]))('is taken with %j', (_, words) => {
    wordsOf(
      renderReminder({ gist: words, by: 'U0ANA' }, HOUR, { ...renderContext, nameOf: () => words }),
    );
    wordsOf(renderThanks(words));
  });
});
