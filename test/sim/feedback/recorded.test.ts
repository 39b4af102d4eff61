import { expect, test } from 'vitest';
import { fillAnswer } from '../../../sim/claude/keyword-rules.ts';
import { findByGist, findRecorded, readVerdicts } from '../../../sim/feedback/recorded.ts';
import { readRows, readSample } from '../../../sim/feedback/sample.ts';
import { VERDICT } from '../claude/claude-helpers.ts';

/** The sample feedback, and the verdicts recorded for it. */

test('every message has its verdict, and every verdict its message', () => {
  const wanted = readRows().flatMap(({ id, edit }) => [id, ...(edit ? [`${id}-edited`] : [])]);
  expect(
    readVerdicts()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(wanted.toSorted());
  for (const { text, edit } of readRows()) {
    expect(findRecorded(text), text).toBeDefined();
    if (edit !== undefined) expect(findRecorded(edit)?.id).toMatch(/-edited$/);
  }
});

test('gists have at most 15 words, and no links, quotes or line breaks', () => {
  for (const { gist } of readVerdicts()) {
    expect(gist.split(' ').length, gist).toBeLessThanOrEqual(15);
    expect(gist).not.toMatch(/https?:|["“”\n]|user says/);
  }
});

test('urgent is rare, and no theme stands alone', () => {
  const verdicts = readVerdicts();
  const urgent = verdicts.filter(({ urgency }) => urgency === 'high');
  expect(urgent.length / verdicts.length).toBeLessThan(0.05);
  const themes = Map.groupBy(
    verdicts.filter(({ theme }) => theme !== undefined),
    ({ theme }) => theme,
  );
  const lone = [...themes].filter(([, of]) => of.length < 2).map(([theme]) => theme);
  expect(lone).toEqual([]);
});

test('two of three first messages are the team’s, in two languages, with all that happens in a channel', () => {
  const first = readSample(60);
  expect(first.filter(({ by }) => by === 'reviews')).toHaveLength(20);
  const authors = new Set(first.map(({ by }) => by));
  for (const by of ['ana', 'ben', 'chloe', 'deniz', 'desk', 'form'] as const)
    expect(authors).toContain(by);
  const languages = new Set(first.map(({ text }) => findRecorded(text)?.language));
  expect(languages).toContain('fr');
  expect(first.some(({ replies }) => replies)).toBe(true);
  expect(first.some(({ edit }) => edit)).toBe(true);
  expect(first.some(({ withdrawn }) => withdrawn)).toBe(true);
  expect(readSample(1, readRows().length)).toEqual(readSample(1));
});

test('a few do two things: their second category is another one, and is answered', () => {
  const both = readVerdicts().filter(({ also }) => also !== undefined);
  expect(both.length).toBeGreaterThan(3);
  expect(both.filter(({ category, also }) => category === also)).toEqual([]);
  const enums = ['bug', 'feature_request', 'usability', 'praise', 'question', 'none'];
  const schema = { type: 'object', properties: { also: { enum: enums } } };
  const byId = new Map(readRows().map(({ id, text }) => [id, text]));
  for (const { id, also } of both) {
    expect(fillAnswer(byId.get(id) ?? '', schema)).toEqual({ also });
  }
});

test('a known text gets its recorded verdict, another the rules’, which are less sure', () => {
  const [row] = readSample(1);
  const recorded = findRecorded(row?.text ?? '');
  expect(fillAnswer(`  ${row?.text.replace(' ', '\n ')}`, VERDICT)).toMatchObject({
    gist: recorded?.gist,
    confidence: recorded?.confidence,
    urgency: recorded?.urgency,
  });
  const { gist, confidence } = fillAnswer(`${row?.text} Really.`, VERDICT);
  expect(gist).not.toBe(recorded?.gist);
  expect(confidence).toBeLessThanOrEqual(0.7);
});

test('recorded themes are found again in other words and languages', () => {
  const dark = readVerdicts().filter(({ theme }) => theme === 'dark-mode');
  const [first, second] = dark;
  const schema = {
    type: 'object',
    properties: {
      theme: { type: 'string', description: 'The id of the <theme> that asks the same, or none' },
    },
  };
  const items = [
    { kind: 'theme', id: '1', text: '', words: new Set(['export']), theme: 'csv-export' },
    { kind: 'theme', id: '2', text: '', words: new Set(['anything']), theme: 'dark-mode' },
  ];
  for (const { text } of readRows().filter(({ id }) => dark.some((one) => one.id === id)))
    expect(fillAnswer(text, schema, { items })).toEqual({ theme: '2' });
  expect(findByGist(first?.gist ?? '')?.theme).toBe(findByGist(second?.gist ?? '')?.theme);
});
