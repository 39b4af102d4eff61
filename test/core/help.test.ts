import { describe, expect, test } from 'vitest';
import { mentions, readQuestion } from '../../src/core/help.ts';

const BOT = 'U0BOT';
const ask = (text: string) => readQuestion(text, BOT);
const HELP = { kind: 'help' };

describe('questions to the bot', () => {
  test.each([
    '<@U0BOT>',
    '<@U0BOT> ',
    '<@U0BOT|winnow>',
    '<@U0BOT> help',
    'Help <@U0BOT>!',
    '<@U0BOT>, help me please',
    '<@U0BOT> ?',
    '<@U0BOT> ???',
    '<@U0BOT> --help',
    '<@U0BOT> /classify-feedback help',
    '<@U0BOT> :wave:',
    'Hi <@U0BOT>',
    'hey <@U0BOT> :wave::skin-tone-3: what can you do?',
    '<@U0BOT> what can you do for us',
    '<@U0BOT> What’s this?',
    '<@U0BOT> who are you??',
    '<@U0BOT> how does this work?',
    '<@U0BOT> how do I use you',
    '<@U0BOT> hello there, can you help me?',
    '<@U0BOT> what do the emoji mean?',
    '<@U0BOT> are you there?',
    '<@U0BOT> commands',
    '<@U0BOT> usage',
    '<@U0BOT> please',
    '<@U0BOT>\n\nhelp\n',
    '<@U0BOT> <@U0BOT> help',
    '<@U0BOT> hilfe',
  ])('%s asks for help', (text) => {
    expect(ask(text)).toEqual(HELP);
  });

  test.each([
    ['<@U0BOT> status', 'status'],
    ['<@U0BOT> Status?', 'status'],
    ['<@U0BOT> status please', 'status'],
    ['<@U0BOT> run', 'run'],
    ['<@U0BOT> /classify-feedback cancel', 'cancel'],
    ['<@U0BOT> summary 7d', 'summary'],
    ['<@U0BOT> export csv 2026-11-01', 'export'],
    ['hey <@U0BOT> settings', 'settings'],
  ])('%s asks for a sub-command', (text, word) => {
    expect(ask(text)).toEqual({ kind: 'command', word });
  });
});

describe('everything else is feedback', () => {
  test.each([
    '<@U0BOT> the export crashes',
    '<@U0BOT> export crashes in Safari',
    '<@U0BOT> search is slow',
    '<@U0BOT> search export safari',
    '<@U0BOT> help text is missing in the dialog',
    '<@U0BOT> help, the app deletes my data',
    '<@U0BOT> status page is down',
    '<@U0BOT> the status is wrong',
    '<@U0BOT> settings do not save',
    '<@U0BOT> run fails',
    '<@U0BOT> what can you do about the crash?',
    '<@U0BOT> how do I export my data?',
    '<@U0BOT> hello, the login fails',
    '<@U0BOT> crash',
    '<@U0BOT> thanks',
    '<@U0BOT> <@U0BEN> help',
    '<@U0BOT> help <https://example.com>',
    '<@U0BOT> &lt;help&gt;',
    `<@U0BOT> help ${'me '.repeat(200)}`,
    '<@U0BOT> help\n[file: crash.log]',
    '<@U0BOT> 🔥🔥 login',
  ])('%s', (text) => {
    expect(ask(text)).toBeNull();
  });
});

test('a mention is a token of the bot, not of somebody whose id begins alike', () => {
  expect(mentions('see <@U0BOT> there', BOT)).toBe(true);
  expect(mentions('<@U0BOT|winnow>', BOT)).toBe(true);
  expect(mentions('<@U0BOTTLE> help', BOT)).toBe(false);
  expect(mentions('@U0BOT help', BOT)).toBe(false);
  expect(ask('<@U0BOTTLE> help')).toBeNull();
});
