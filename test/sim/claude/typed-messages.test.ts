import { describe, expect, test } from 'vitest';
import { judgeText } from '../../../sim/claude/judge-text.ts';
import { TYPED } from './typed-messages.ts';

/** How well the keyword rules judge what visitors of the demo type. */

const LEAST = 0.9;
const all = Object.entries(TYPED).flatMap(([category, texts]) =>
  texts.map((text) => ({ category, text })),
);

test(`of 150 short messages at least ${LEAST * 100} % get their category`, () => {
  expect(new Set(all.map(({ text }) => text)).size).toBe(150);
  const wrong = all.flatMap(({ category, text }) => {
    const { concept } = judgeText(text);
    return category.startsWith(concept) ? [] : `${text}: ${concept} instead of ${category}`;
  });
  const share = 1 - wrong.length / all.length;
  console.info(`${(share * 100).toFixed(1)} % of ${all.length} typed messages are judged right`);
  expect(share, wrong.join('\n')).toBeGreaterThanOrEqual(LEAST);
});

test('a small change to a message changes nothing', () => {
  for (const { text } of all) {
    const { concept } = judgeText(text);
    // A lookup of known messages would not survive this.
    const varied = `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replaceAll(' the ', '  THE ');
    expect(judgeText(varied).concept, varied).toBe(concept);
  }
});

describe('the gist is a sentence of what is said', () => {
  test.each([
    ['Great product, but sync has been broken for a week', 'Sync has been broken for a week'],
    ["I can't log in since this morning", 'Cannot log in since this morning'],
    ['we were charged twice this month', 'Charged twice this month'],
    ['Hi team, please add dark mode', 'Add dark mode'],
    ['I wish I could export to Excel', 'Export to Excel'],
    ['Would be cool if the bot could reply in threads', 'The bot could reply in threads'],
    ['love the new dark mode, thank you', 'Love the new dark mode'],
    ['how can I delete an account', 'How can I delete an account?'],
    ['👍', '👍'],
    [
      'Hello! I use it every day. The calendar is off by one day in our time zone. Thanks.',
      'The calendar is off by one day in our time zone',
    ],
    [
      'It was working well so far but from last few days it has started crashing when I try to sync sleep data.',
      'From last few days it has started crashing when I try to sync sleep data',
    ],
  ])('%s', (text, gist) => {
    expect(judgeText(text).gist).toBe(gist);
  });

  test('it has at most 15 words, and ends where a thought ends', () => {
    const long = `${'The report about the members of the team '.repeat(4)} fails`;
    const { gist } = judgeText(long);
    expect(gist.split(' ').length).toBeLessThanOrEqual(15);
    expect(gist).not.toMatch(/…| (?:the|of|about)$/);
  });
});

describe('urgent is only what somebody has to look at today', () => {
  test.each([
    ['Export to CSV has been failing, we lost the report', 'high'],
    ['we were charged twice this month', 'high'],
    ['other customers can see our invoices', 'high'],
    ['the app crashes when I open settings', 'medium'],
    ['The date picker shows the wrong month', 'low'],
    ['please add dark mode', 'low'],
    ['love the new dark mode, thank you', 'low'],
  ])('%s: %s', (text, urgency) => {
    expect(judgeText(text).urgency).toBe(urgency);
  });
});
