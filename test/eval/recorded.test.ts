import { expect, test } from 'vitest';
import { lines, makeFolder, runEval } from './stage.ts';

/** A file of answers that were recorded elsewhere, scored by hand. */

const DATA = lines([
  { id: 'p1', text: 'It crashes', label: 'problem' },
  { id: 'p2', text: 'So slow', label: 'problem' },
  { id: 'p3', text: 'Sync fails', label: 'problem' },
  { id: 'p4', text: 'Fails and please add a widget', label: ['problem', 'wish'], also: 'problem' },
  { id: 'w1', text: 'Dark mode please', label: 'wish' },
  { id: 'w2', text: 'Add a widget', label: 'wish' },
  { id: 'o1', text: 'Great', label: 'other', also: 'wish' },
  { id: 'o2', text: 'How?', label: 'other' },
  { id: 'x1', text: 'Nobody knows', label: 'unclear' },
]);

const MAPPING = `
problem: [bug, usability]
wish: feature_request
other: [praise, question, noise]
unclear: null
`;

const answer = (
  id: string,
  category: string,
  confidence: number,
  urgency = 'low',
  sentiment = 'neutral',
  also = 'none',
) => ({ id, model: 'by-hand', answer: { category, confidence, urgency, sentiment, also } });

const ANSWERS = lines([
  answer('p1', 'bug', 0.95, 'high'),
  answer('p2', 'usability', 0.95),
  // Its label is the second category: wrong all the same.
  answer('p3', 'praise', 0.55, 'low', 'neutral', 'bug'),
  // Its second label.
  answer('p4', 'feature_request', 0.95, 'low', 'neutral', 'usability'),
  answer('w1', 'feature_request', 0.95),
  // Neither is right.
  answer('w2', 'bug', 0.55, 'medium', 'negative', 'praise'),
  answer('o1', 'praise', 0.95),
  // No category of the taxonomy: unusable.
  answer('o2', 'nonsense', 0.95),
]);

test('scoring a file of answers is exact, and asks nobody', async () => {
  const at = makeFolder({ 'data.jsonl': DATA, 'mapping.yml': MAPPING, 'answers.jsonl': ANSWERS });
  const { report, said } = await runEval([
    '--data',
    at('data.jsonl'),
    '--mapping',
    at('mapping.yml'),
    '--answers',
    at('answers.jsonl'),
  ]);
  expect(said).toEqual([]);
  expect(report).toMatchObject({
    judge: 'recorded',
    judgedBy: { 'by-hand': 8 },
    data: { labelled: 8, leftOut: 1, judged: 8, rest: 0 },
    answers: { asked: 0, kept: 8 },
    messages: 8,
    // p1, p2, p4, w1, o1.
    accuracy: 5 / 8,
    unusable: 1,
    alsoRight: 1,
    // p4 is labelled with a second thing, and o1, which has none.
    alsoNamed: { labelled: 2, found: 1 },
    unusableReasons: { 'an answer that does not fit the schema': 1 },
    // Of the seven usable ones, p1 (high) and w2 (a bug, medium, negative).
    flagRate: 2 / 7,
    urgency: { high: 1, medium: 1, low: 5 },
    usd: 0,
    usdNow: 0,
  });
  const { perClass, confusion } = report;
  // Three problems (p4 counts as the wish that was found), two found; answered: p1, p2, w2.
  expect(perClass['bug+usability']).toMatchObject({
    precision: 2 / 3,
    recall: 2 / 3,
    f1: 4 / 6,
    support: 3,
  });
  // Three wishes, two found; answered: p4, w1.
  expect(perClass.feature_request).toMatchObject({
    precision: 1,
    recall: 2 / 3,
    f1: 4 / 5,
    support: 3,
  });
  // Two others, one found; answered: p3, o1.
  expect(perClass['praise+question+noise']).toMatchObject({
    precision: 1 / 2,
    recall: 1 / 2,
    f1: 2 / 4,
    support: 2,
  });
  expect(report.macroF1).toBeCloseTo((4 / 6 + 4 / 5 + 2 / 4) / 3, 12);
  expect(confusion.counts).toEqual([
    [2, 0, 1, 0],
    [1, 2, 0, 0],
    [0, 0, 1, 1],
  ]);
  // Five right at 0.95, none of two at 0.55: (5 × 0.05 + 2 × 0.55) / 7.
  expect(report.ece).toBeCloseTo((5 * 0.05 + 2 * 0.55) / 7, 12);
  expect(report.macroF1Low).toBeLessThan(report.macroF1 ?? 0);
  expect(report.macroF1High).toBeGreaterThan(report.macroF1 ?? 0);
});

test('what is not in the file is asked, and figures of the stand-in are called that', async () => {
  const at = makeFolder({
    'data.jsonl': DATA,
    'mapping.yml': MAPPING,
    'answers.jsonl': lines([answer('p1', 'praise', 0.9)]),
  });
  const args = ['--data', at('data.jsonl'), '--mapping', at('mapping.yml')];
  const { report } = await runEval([...args, '--answers', at('answers.jsonl')]);
  expect(report).toMatchObject({ judge: 'stand-in', answers: { asked: 7, kept: 1 } });
  expect(report.judgedBy).toEqual({ 'by-hand': 1, 'keyword-rules': 7 });
});
