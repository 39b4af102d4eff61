import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, readConfig } from '../src/config.ts';
import { DEFAULT_EMOJI } from '../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../src/core/runs/taxonomy.ts';
import { SETTING_NAMES } from '../src/settings-schema.ts';

const SOCKET = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  ANTHROPIC_API_KEY: 'sk-ant-1',
};

/** What is said to whoever starts the bot with these settings, line by line. */
async function refusal(environment: Record<string, string>): Promise<string[]> {
  try {
    await readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
  throw new Error('it starts');
}

/** What is wrong with one setting, when all others are right. */
const problem = async (setting: string, value: string) => {
  const [, ...problems] = await refusal({ ...SOCKET, [setting]: value });
  return problems;
};

describe('with nothing but what it must have', () => {
  test('the bot uses the documented defaults', async () => {
    expect(await readConfig(SOCKET)).toEqual({
      slack: {
        botToken: 'xoxb-1',
        apiUrl: 'https://slack.com/api/',
        rateScale: 1,
        incoming: { kind: 'socket', appToken: 'xapp-1' },
      },
      claude: {
        apiKey: 'sk-ant-1',
        baseUrl: undefined,
      },
      healthPort: null,
      database: { kind: 'sqlite', file: 'data/winnow.db' },
      adoptsPosts: false,
      takeOverMs: 60_000,
      settings: {
        emoji: DEFAULT_EMOJI,
        model: 'claude-haiku-5-5',
        batchPollMs: 60_000,
        expressUpToUsd: 0,
        monthlyBudgetUsd: null,
        summaryLatenessMs: 600_000,
        needsShown: 7,
        redact: true,
        retentionMs: null,
        unsureBelow: 0.6,
        feedbackChannels: [],
        defaults: {
          summarySchedule: '0 9 * * 1-5',
          classifySchedule: null,
          timeZone: 'UTC',
          taxonomy: DEFAULT_TAXONOMY,
          remindAfterMs: 48 * 3_600_000,
          closeTheLoop: false,
          asTheyCome: false,
        },
      },
      logLevel: 'info',
    });
  });

  test('an empty setting means the same as none', async () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, '']));
    expect(await readConfig({ ...empty, ...SOCKET })).toEqual(await readConfig(SOCKET));
  });
});

test('every setting is taken', async () => {
  expect(
    await readConfig({
      ...SOCKET,
      SLACK_API_URL: 'http://127.0.0.1:4000/api/',
      SLACK_RATE_SCALE: '20',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4001',
      CLAUDE_MODEL: 'claude-sonnet-5-5',
      DATABASE_URL: 'sqlite:/var/lib/winnow.db',
      FEEDBACK_CHANNELS: 'C0123ABCD, G0456EFGH',
      SUMMARY_SCHEDULE: '30 8 * * *',
      CLASSIFY_SCHEDULE: '0 * * * *',
      TIMEZONE: 'Europe/Paris',
      BATCH_POLL_SECONDS: '0.5',
      CLAIM_EMOJI: 'raised_hand',
      RESOLVE_EMOJI: 'rocket',
      DISMISS_EMOJI: 'x',
      CONFIRM_EMOJI: '100',
      FLAG_EMOJI: 'rotating_light',
      REMIND_AFTER_HOURS: '1.5',
      CLOSE_THE_LOOP: 'on',
      JUDGE_AS_THEY_COME: 'on',
      LOG_LEVEL: 'debug',
    }),
  ).toMatchObject({
    slack: { apiUrl: 'http://127.0.0.1:4000/api/', rateScale: 20 },
    claude: { baseUrl: 'http://127.0.0.1:4001' },
    database: { kind: 'sqlite', file: '/var/lib/winnow.db' },
    settings: {
      emoji: {
        claim: 'raised_hand',
        resolve: 'rocket',
        dismiss: 'x',
        confirm: '100',
        flag: 'rotating_light',
      },
      model: 'claude-sonnet-5-5',
      batchPollMs: 500,
      feedbackChannels: ['C0123ABCD', 'G0456EFGH'],
      defaults: {
        summarySchedule: '30 8 * * *',
        classifySchedule: '0 * * * *',
        timeZone: 'Europe/Paris',
        remindAfterMs: 90 * 60_000,
        closeTheLoop: true,
        asTheyCome: true,
      },
    },
    logLevel: 'debug',
  });
});

describe('events come', () => {
  const { SLACK_APP_TOKEN: _token, ...neither } = SOCKET;

  test('over HTTP when there is a signing secret, also beside an app token', async () => {
    const http = { kind: 'http', signingSecret: 's3cret', port: 3000 };
    expect(
      (await readConfig({ ...neither, SLACK_SIGNING_SECRET: 's3cret' })).slack.incoming,
    ).toEqual(http);
    expect(
      (await readConfig({ ...SOCKET, SLACK_SIGNING_SECRET: 's3cret', PORT: '8080' })).slack
        .incoming,
    ).toEqual({ ...http, port: 8080 });
  });

  test('not at all without either, and both ways out are named', async () => {
    expect(await refusal(neither)).toEqual([
      expect.stringContaining('a setting needs a look'),
      expect.stringMatching(/SLACK_APP_TOKEN is missing.*xapp-.*or set SLACK_SIGNING_SECRET/),
    ]);
  });
});

describe('a bad setting is named with how to mend it', () => {
  test.each([
    ['SLACK_BOT_TOKEN', 'xoxp-1', 'it begins with xoxb-'],
    ['SLACK_APP_TOKEN', 'xoxb-1', 'it begins with xapp-'],
    ['PORT', 'http', 'is no port number'],
    ['PORT', '70000', 'is no port number'],
    ['SLACK_API_URL', 'https://slack.com/', 'has to end in /api/'],
    ['ANTHROPIC_BASE_URL', 'anthropic', 'is no address'],
    ['DATABASE_URL', 'mysql://db', 'postgres://user:password@host/database'],
    ['DATABASE_URL', 'sqlite:', 'sqlite:data/winnow.db'],
    ['FEEDBACK_CHANNELS', '#feedback', 'channel ids such as C0123ABCD'],
    ['FEEDBACK_CHANNELS', 'C0123ABCD;C0456EFGH', 'separated by commas'],
    ['SUMMARY_SCHEDULE', 'every day', 'five fields such as "0 9 * * 1-5"'],
    ['CLASSIFY_SCHEDULE', '61 * * * *', 'five fields such as "0 * * * *"'],
    ['TIMEZONE', 'Paris', 'such as Europe/Paris'],
    ['BATCH_POLL_SECONDS', 'often', 'a number of seconds, such as 60'],
    ['BATCH_POLL_SECONDS', '0', 'a number of seconds, such as 60'],
    ['SLACK_RATE_SCALE', '-1', '1 for Slack itself'],
    ['CLAIM_EMOJI', '👀', 'write it as Slack does: eyes'],
    ['RESOLVE_EMOJI', 'White Check', 'write it as Slack does: white_check_mark'],
    ['DISMISS_EMOJI', '::', 'write it as Slack does: no_good'],
    ['CONFIRM_EMOJI', '+1::skin-tone-3', 'write it as Slack does: +1'],
    ['FLAG_EMOJI', 'red:flag', 'write it as Slack does: triangular_flag_on_post'],
    ['REMIND_AFTER_HOURS', 'two days', 'a number of hours, such as 48, or 0 for no reminders'],
    ['REMIND_AFTER_HOURS', '-1', 'a number of hours, such as 48, or 0 for no reminders'],
    ['REMIND_AFTER_HOURS', '9000', '0 means no reminders'],
    ['CLOSE_THE_LOOP', 'yes', 'has to be on or off'],
    ['REDACT', 'yes', 'has to be on or off'],
    ['JUDGE_AS_THEY_COME', 'yes', 'has to be on or off'],
    ['EXPRESS_UP_TO_USD', '-1', 'has to be US dollars'],
    ['MONTHLY_BUDGET_USD', 'much', 'has to be US dollars'],
    ['SUMMARY_LATENESS_MINUTES', 'ten', 'has to be a number of minutes'],
    ['RETENTION_DAYS', '0', 'has to be a whole number of days'],
    ['RETENTION_DAYS', '1.5', 'has to be a whole number of days'],
    ['NEEDS_SHOWN', '0', 'has to be a number of messages from 1 to 50'],
    ['NEEDS_SHOWN', '2.5', 'has to be a number of messages from 1 to 50'],
    ['UNSURE_BELOW', '60', 'has to be a number from 0 to 1'],
    ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace'],
  ])('%s=%s', async (setting, value, mend) => {
    const problems = await problem(setting, value);
    expect(problems).toEqual([expect.stringContaining(mend)]);
    expect(problems[0]).toMatch(new RegExp(`^ {2}- ${setting} `));
  });

  test('once, also when two things are wrong with it', async () => {
    const [headline, ...problems] = await refusal({ ...SOCKET, SLACK_API_URL: 'slack' });
    expect(headline).toContain('a setting needs a look');
    expect(problems).toEqual([expect.stringMatching(/SLACK_API_URL is no address/)]);
  });

  test('and all of them at once', async () => {
    const [headline, ...problems] = await refusal({
      SLACK_BOT_TOKEN: 'nonsense',
      TIMEZONE: 'Mars',
      SUMMARY_SCHEDULE: 'x',
      TAXONOMY_FILE: '/nowhere/taxonomy.yml',
    });
    expect(headline).toContain('6 settings need a look (.env.example explains each)');
    expect(problems.map((line) => /[A-Z_]{4,}/.exec(line)?.[0]).toSorted()).toEqual([
      'ANTHROPIC_API_KEY',
      'SLACK_APP_TOKEN',
      'SLACK_BOT_TOKEN',
      'SUMMARY_SCHEDULE',
      'TAXONOMY_FILE',
      'TIMEZONE',
    ]);
  });

  test('without showing what it was set to: it may be a secret', async () => {
    const words = await refusal({
      ...SOCKET,
      SLACK_BOT_TOKEN: 'sk-ant-secret',
      TIMEZONE: 'hunter2',
    });
    expect(words.join()).not.toMatch(/secret|hunter2/);
  });
});

function writeTaxonomy(content: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'winnow-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'taxonomy.yml');
  writeFileSync(file, content);
  return file;
}

describe('what reactions mean', () => {
  test('may be written with colons', async () => {
    const { emoji } = (
      await readConfig({
        ...SOCKET,
        CLAIM_EMOJI: ':raised_hand:',
        FLAG_EMOJI: ':sos:',
      })
    ).settings;
    expect(emoji).toEqual({ ...DEFAULT_EMOJI, claim: 'raised_hand', flag: 'sos' });
  });

  const usesTheSame = (one: string, other: string, name: string) =>
    `  - ${one} and ${other} use the same emoji (${name}); give one of them another`;

  test.each([
    ['another action', 'CLAIM_EMOJI', 'no_good', 'CLAIM_EMOJI', 'DISMISS_EMOJI', 'no_good'],
    ['one by its other name', 'CLAIM_EMOJI', 'thumbsup', 'CLAIM_EMOJI', 'CONFIRM_EMOJI', '+1'],
    [
      'one that people mean the same by',
      'FLAG_EMOJI',
      'heavy_check_mark',
      'RESOLVE_EMOJI',
      'FLAG_EMOJI',
      'white_check_mark',
    ],
    ['a category', 'RESOLVE_EMOJI', ':tada:', 'RESOLVE_EMOJI', 'the category praise', 'tada'],
    [
      'a category by another emoji for it',
      'DISMISS_EMOJI',
      'grey_question',
      'DISMISS_EMOJI',
      'the category question',
      'question',
    ],
  ])('is one thing: not also %s', async (_what, setting, value, one, other, name) => {
    expect(await problem(setting, value)).toEqual([usesTheSame(one, other, name)]);
  });

  test('may be swapped', async () => {
    const swapped = { CLAIM_EMOJI: 'no_good', DISMISS_EMOJI: 'eyes' };
    expect((await readConfig({ ...SOCKET, ...swapped })).settings.emoji).toMatchObject({
      claim: 'no_good',
      dismiss: 'eyes',
    });
  });

  test.each([
    ['bug', 'eyes', usesTheSame('CLAIM_EMOJI', 'the category bug', 'eyes')],
    ['bug', 'grey_question', usesTheSame('the category bug', 'the category question', 'question')],
  ])("is one thing in the team's own taxonomy: %s by :%s:", async (key, emoji, words) => {
    const categories = DEFAULT_TAXONOMY.categories.map((category) =>
      category.key === key ? { ...category, emoji } : category,
    );
    const file = writeTaxonomy(stringify({ ...DEFAULT_TAXONOMY, categories }));
    expect(await problem('TAXONOMY_FILE', file)).toEqual([words]);
  });
});

test('no reminders with REMIND_AFTER_HOURS=0', async () => {
  expect(
    (await readConfig({ ...SOCKET, REMIND_AFTER_HOURS: '0' })).settings.defaults.remindAfterMs,
  ).toBeNull();
});

describe('the taxonomy file', () => {
  test('is used when it is good', async () => {
    const taxonomy = { ...DEFAULT_TAXONOMY, flagged_when: [] };
    const file = writeTaxonomy(stringify(taxonomy));
    expect(
      (await readConfig({ ...SOCKET, TAXONOMY_FILE: file })).settings.defaults.taxonomy,
    ).toEqual(taxonomy);
  });

  test('has each of its faults named', async () => {
    const [bug, ...others] = DEFAULT_TAXONOMY.categories;
    const categories = [{ ...bug, emoji: ':bug:', meaning: 'short' }, ...others];
    const file = writeTaxonomy(stringify({ ...DEFAULT_TAXONOMY, categories }));
    expect(await problem('TAXONOMY_FILE', file)).toEqual([
      expect.stringMatching(/TAXONOMY_FILE: categories 0 emoji .*without colons/),
      expect.stringMatching(/TAXONOMY_FILE: categories 0 meaning /),
    ]);
  });

  test.each([
    ['is no YAML', 'categories: ['],
    ['is empty', ''],
  ])('that %s is refused in one line', async (_what, content) => {
    expect(await problem('TAXONOMY_FILE', writeTaxonomy(content))).toEqual([
      expect.stringMatching(/^ {2}- TAXONOMY_FILE/),
    ]);
  });

  test('that is not there is said to be missing', async () => {
    expect(await problem('TAXONOMY_FILE', '/nowhere/taxonomy.yml')).toEqual([
      expect.stringMatching(/TAXONOMY_FILE cannot be read: .*no such file.*nowhere\/taxonomy\.yml/),
    ]);
  });
});

test.each(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'ANTHROPIC_API_KEY', 'SLACK_SIGNING_SECRET'])(
  'a line break in %s is refused, and not shown',
  async (name) => {
    const value = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }[name] ?? 'sk-ant-1';
    const error = await readConfig({ ...SOCKET, [name]: `${value}\nsecret` }).catch(
      (refused: Error) => refused,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(`${name} has a space or another character that no key has`);
    expect(String(error)).not.toContain('secret\n');
  },
);
