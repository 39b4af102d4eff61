import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEEDBACK, lines, makeFolder, runEval, startStandIn } from './stage.ts';

/** What is asked, what is kept, and what happens when Claude fails or the evaluation is killed. */

const setUp = () => {
  const at = makeFolder({ 'data.jsonl': lines(FEEDBACK) });
  return { at, args: ['--data', at('data.jsonl'), '--answers', at('answers.jsonl')] };
};

test('without a key the keyword rules are measured, and are what they are compared with', async () => {
  const at = makeFolder({ 'data.jsonl': lines(FEEDBACK) });
  const { report, said } = await runEval(['--data', at('data.jsonl'), '--lane', 'both']);
  expect(said[0]).toContain('not Claude');
  expect(report).toMatchObject({ judge: 'stand-in', note: expect.stringContaining('not Claude') });
  expect(report.accuracy).toBe(7 / 8);
  expect(report.baselines.keywords.confusion).toEqual(report.confusion);
  expect(report.baselines.nearest).toMatchObject({ pool: 8, leaveOneOut: true });
  expect(report.lanesAgree).toBe(1);
  // Each lane has a bill of its own. Which is lower hangs on what was cached.
  expect(report.lanes.batch?.usd).toBeGreaterThan(0);
  expect(report.lanes.express?.usd).toBeGreaterThan(0);
  expect(report.lanes.express?.usd).not.toBe(report.lanes.batch?.usd);
});

test.each(['batch', 'express'])('the price is said before anything is spent (%s)', async (lane) => {
  const { posts, how } = await startStandIn();
  const { args } = setUp();
  const asks = runEval([...args, '--lane', lane], how);
  await expect(asks).rejects.toThrow(
    /8 answers of claude-haiku-5-5, at most about \$0\.00.*--yes/s,
  );
  const refuses = runEval([...args, '--lane', lane], { ...how, agree: false });
  await expect(refuses).rejects.toThrow('Nothing was asked.');
  expect(posts()).toBe(0);
  const { report } = await runEval([...args, '--lane', lane], { ...how, agree: true });
  expect(report.answers).toMatchObject({ asked: 8, kept: 0 });
  expect(report.usd).toBe(report.usdNow);
});

test.each(['batch', 'express'])('scoring again asks nobody (%s)', async (lane) => {
  const { posts, how } = await startStandIn();
  const { args } = setUp();
  const first = await runEval([...args, '--lane', lane, '--yes'], how);
  const asked = posts();
  const again = await runEval([...args, '--lane', lane], how);
  expect(posts()).toBe(asked);
  expect(again.report.answers).toMatchObject({ asked: 0, kept: 8 });
  expect(again.report).toMatchObject({
    confusion: first.report.confusion,
    usd: first.report.usd,
    usdNow: 0,
    macroF1Low: first.report.macroF1Low,
  });
});

test('the other lane, another model and another taxonomy are asked anew', async () => {
  const { how } = await startStandIn();
  const { at, args } = setUp();
  await runEval([...args, '--yes'], how);
  const taxonomy = readFileSync('docs/taxonomy.example.yml', 'utf8').replace(
    'Something',
    'A thing',
  );
  writeFileSync(at('taxonomy.yml'), taxonomy);
  for (const other of [
    ['--lane', 'express'],
    ['--model', 'claude-opus-5-5'],
    ['--taxonomy', at('taxonomy.yml')],
  ]) {
    const { report } = await runEval([...args, ...other, '--yes'], how);
    expect([other, report.answers.asked]).toEqual([other, 8]);
  }
});

test('an evaluation that was killed in the express lane asks for the rest', async () => {
  const { how } = await startStandIn();
  const { at, args } = setUp();
  await runEval([...args, '--lane', 'express', '--yes'], how);
  const kept = readFileSync(at('answers.jsonl'), 'utf8').split('\n').slice(0, 5).join('\n');
  // In the middle of the sixth line.
  writeFileSync(at('answers.jsonl'), `${kept}\n{"kind":"answer","key":"12`);
  const { report } = await runEval([...args, '--lane', 'express', '--yes'], how);
  expect(report.answers).toMatchObject({ asked: 3, kept: 5 });
  expect(report.accuracy).toBe(7 / 8);
});

test.each([
  ['its batch was made', 2],
  ['its batch was about to be made', 1],
])('an evaluation that was killed when %s fetches what was paid for', async (_, lineCount) => {
  const { claude, how } = await startStandIn();
  const { at, args } = setUp();
  await runEval([...args, '--yes'], how);
  expect(claude.batches()).toHaveLength(1);
  const kept = readFileSync(at('answers.jsonl'), 'utf8').split('\n').slice(0, lineCount);
  writeFileSync(at('answers.jsonl'), `${kept.join('\n')}\n`);
  const { report } = await runEval([...args, '--yes'], how);
  expect(claude.batches()).toHaveLength(1);
  expect(report.accuracy).toBe(7 / 8);
});

test.each([
  ['is overloaded', { kind: 'status', status: 529, times: 2, path: /^\/v1\/messages/ }],
  [
    'asks for a pause',
    { kind: 'status', status: 429, headers: { 'retry-after': '7' }, path: /^\/v1\/messages/ },
  ],
  ['breaks off', { kind: 'cut', path: /^\/v1\/messages/, method: 'POST' }],
  ['loses its answer', { kind: 'lost_answer' }],
  ['cuts its results', { kind: 'results_cut', afterRows: 3 }],
] as const)('goes on when Claude %s', async (_, fault) => {
  for (const lane of ['batch', 'express']) {
    const { claude, how } = await startStandIn();
    const { args } = setUp();
    claude.faults.add(fault);
    const { report } = await runEval([...args, '--lane', lane, '--yes'], how);
    expect(report.unusable).toBe(0);
    expect(report.accuracy).toBe(7 / 8);
    if (lane === 'batch') expect(claude.batches()).toHaveLength(1);
  }
});

test('unusable answers count as wrong, with their reason; expired ones are asked again', async () => {
  const { claude, how } = await startStandIn();
  const { args } = setUp();
  claude.faults.addItem({ match: (_, text) => text.includes('dark mode'), outcome: 'refusal' });
  claude.faults.addItem({
    match: (_, text) => text.includes('love'),
    outcome: 'expired',
    times: 1,
  });
  const { report } = await runEval([...args, '--yes'], how);
  expect(report).toMatchObject({
    accuracy: 6 / 8,
    unusable: 1,
    unusableReasons: { 'Claude declined to answer': 1 },
  });
  expect(claude.batches()).toHaveLength(2);
});

test('a message that Claude refuses the whole batch for is unusable, the others are judged', async () => {
  const { claude, how } = await startStandIn();
  const { args } = setUp();
  claude.faults.addRefusal({ match: (_, text) => text.includes('dark mode'), message: 'no' });
  const { report } = await runEval([...args, '--yes'], how);
  expect(report).toMatchObject({ accuracy: 6 / 8, unusable: 1 });
});

test.each([
  [
    'a bad key',
    { ANTHROPIC_API_KEY: 'sk-ant-wrong' },
    /refuses the API key.*ANTHROPIC_API_KEY.*platform\.claude\.com/s,
  ],
  ['no such model', { CLAUDE_MODEL: 'claude-none' }, /no model claude-none.*CLAUDE_MODEL/s],
  [
    'nothing at the address',
    { ANTHROPIC_BASE_URL: 'http://127.0.0.1:2' },
    /cannot be reached.*Run this again later/s,
  ],
])('%s is said with what to do', async (_, change, words) => {
  const { how } = await startStandIn();
  const { args } = setUp();
  const environment = { ...how.environment, ...change };
  await expect(runEval([...args, '--yes'], { ...how, environment })).rejects.toThrow(words);
});
