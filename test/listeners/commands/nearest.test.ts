import { expect, test } from 'vitest';
import { findNearest } from '../../../src/listeners/commands/nearest.ts';

const KNOWN = { run: ['start'], status: ['state'], search: ['find'], cancel: ['stop'], help: [] };

test.each([
  ['statsu', 'status'],
  ['STATUS', 'status'],
  ['stat', 'status'],
  ['serch', 'search'],
  ['hepl', 'help'],
  ['hlep', 'help'],
  ['stauts', 'status'],
  ['satus', 'status'],
  ['halp', 'help'],
  ['rum', 'run'],
  ['stop', 'cancel'],
  ['stpo', 'cancel'],
  ['find', 'search'],
])('“%s” was probably meant to be %s', (typed, meant) => {
  expect(findNearest(typed, KNOWN)).toBe(meant);
});

test.each(['', 'x', 'explode', 'lunch', 'now', '🎉', 'r'.repeat(4000)])(
  'nothing is near “%s”',
  (typed) => {
    expect(findNearest(typed, KNOWN)).toBeUndefined();
  },
);
