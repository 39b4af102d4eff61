import { expect, test } from 'vitest';
import { lookFirst, URGENT } from '../../../src/core/runs/first-look.ts';

const look = (text: string, waiting = false) => lookFirst(text, { waiting });

test.each([
  'The app crashes whenever I export, and I lost all my notes',
  'We are locked out of production!!',
  'I was charged twice this month, please refund one of them',
  "I can't log in since this morning",
  "L'application plante et j'ai perdu mes données",
  'URGENT: LOGIN FAILS FOR EVERYBODY IN OUR TEAM',
])('goes first: %s', (text) => {
  expect(look(text)).toBeGreaterThanOrEqual(URGENT);
});

test.each([
  'I love the new dark mode, thank you',
  'Could you add an export to CSV?',
  'How do I change my avatar?',
  'ok',
  'error',
  '',
  '👍',
])('has time: %s', (text) => {
  expect(look(text)).toBeLessThan(URGENT);
});

test('somebody who still waits for an answer goes before others', () => {
  const text = 'The export still fails';
  expect(look(text, true)).toBe(look(text) + 1);
});

test('addresses and mentions say nothing', () => {
  const score = look('See <https://example.com/crash|this page> and <https://crash.example.com>');
  expect(score).toBe(0);
  expect(look('<@U0URGENT> how do I change my avatar?')).toBe(0);
});
