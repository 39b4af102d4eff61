import { expect, test } from 'vitest';
import { chooseClaude, chooseEnvironment, describeDemo } from '../../demo/claude-choice.ts';

const STAND_INS = {
  SLACK_API_URL: 'http://127.0.0.1:1/api/',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:2',
  ANTHROPIC_API_KEY: 'sk-ant-sim',
  BATCH_POLL_SECONDS: '0.5',
};

const KEY = 'sk-ant-of-somebody';

test('with a key, the bot gets the key and no address of a stand-in', () => {
  const claude = chooseClaude({ ANTHROPIC_API_KEY: ` ${KEY}\n` }, { fake: false });
  expect(chooseEnvironment(STAND_INS, claude)).toEqual({
    SLACK_API_URL: STAND_INS.SLACK_API_URL,
    ANTHROPIC_API_KEY: KEY,
    BATCH_POLL_SECONDS: '5',
  });
  const banner = describeDemo(claude);
  expect(banner).toContain('the real Claude');
  expect(banner).toContain('each run costs');
  expect(banner).not.toContain(KEY);
});

test.each([
  ['no key', {}, false],
  ['an empty key', { ANTHROPIC_API_KEY: ' ' }, false],
  ['a key, but the stand-in is asked for', { ANTHROPIC_API_KEY: KEY }, true],
])(
  '%s: the bot uses the stand-in, and the banner says that no model answers',
  (_, environment, fake) => {
    const claude = chooseClaude(environment, { fake });
    expect(chooseEnvironment(STAND_INS, claude)).toEqual(STAND_INS);
    expect(describeDemo(claude)).toMatch(
      /without Claude: sample messages have recorded verdicts, and keyword rules/,
    );
  },
);
