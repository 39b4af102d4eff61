import { expect, test } from 'vitest';
import { PlainError } from '../../eval/plain-error.ts';
import { FEEDBACK, lines, makeFolder, runEval } from './stage.ts';

/** What a person can mend is said in plain words, with the next step. */

const DATA = lines(FEEDBACK);

test.each([
  ['', [], /data\.jsonl is empty.*one JSON object a line/s],
  [`${DATA}{"text": "x", "label":\n`, [], /data\.jsonl, line 9: this is not JSON/],
  [`\n${DATA}{"text": "x"}`, [], /data\.jsonl, line 10: it needs a "text" and a "label"/],
  ['{"text":"x","label":[]}', [], /line 1: it needs/],
  [
    `${'{"text":"x","label":"bug","id":"1"}\n'.repeat(2)}`,
    [],
    /line 2: the id "1" stands in data\.jsonl, line 1 already/,
  ],
  ['{"text":"x","label":"defect"}', [], /defect \(1 message\).*--mapping FILE.*feature_request/s],
  [DATA, ['--mapping'], /question \(1 message\).*Add a line for each/s],
  [DATA, ['--sample', '0'], /--sample takes a whole number from 1, not "0"/],
  [DATA, ['--seed', 'x'], /--seed takes a whole number/],
  [DATA, ['--lane', 'fast'], /--lane takes batch, express or both/],
  [DATA, ['--examples', '5'], /No labelled messages are left.*--sample/s],
  [DATA, ['--people'], /without --data/],
  [DATA, ['--taxonomy', 'none.yml'], /--taxonomy cannot be read/],
  [DATA, ['--what'], /--what.*--help lists the options/s],
] as [string, string[], RegExp][])('%j with %j', async (data, options, words) => {
  const at = makeFolder({
    'data.jsonl': data,
    'mapping.yml': 'bug: bug\nfeature_request: feature_request\npraise: [praise, noise]\n',
  });
  const args = options.flatMap((option) =>
    option === '--mapping' ? [option, at('mapping.yml')] : option,
  );
  const run = async () => runEval(['--data', at('data.jsonl'), ...args]);
  await expect(run()).rejects.toThrow(words);
  await expect(run()).rejects.toBeInstanceOf(PlainError);
});

test.each([
  ['bug: bugs', /bug is mapped to bugs, which is no category.*bug, feature_request/s],
  ['bug: 3', /each label stands before a category/],
  ['bug: [', /mapping\.yml cannot be read/],
])('the mapping %j', async (mapping, words) => {
  const at = makeFolder({ 'data.jsonl': DATA, 'mapping.yml': mapping });
  const args = ['--data', at('data.jsonl'), '--mapping', at('mapping.yml')];
  await expect(runEval(args)).rejects.toThrow(words);
});

test.each(['[]', '{"kind":"answer"}', '{"id":"x","answer":{}}', 'x'])(
  'the answers %j',
  async (line) => {
    const at = makeFolder({ 'data.jsonl': DATA, 'answers.jsonl': `${line}\n` });
    const args = ['--data', at('data.jsonl'), '--answers', at('answers.jsonl')];
    await expect(runEval(args)).rejects.toThrow(
      /answers\.jsonl, line 1: this is (?:no answer|not JSON)/,
    );
  },
);
