import { expect, test } from 'vitest';
import { ConfigError } from '../src/config.ts';
import {
  isForMany,
  readManyConfig,
  readOperatorConfig,
  readOwnBudget,
} from '../src/many-config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

const DAY = 86_400_000;

const GIVEN = {
  SLACK_CLIENT_ID: '1.2',
  SLACK_CLIENT_SECRET: 'secret',
  SLACK_SIGNING_SECRET: 'signing',
  PUBLIC_URL: 'https://winnow.example.com/',
  ENCRYPTION_KEYS: `${KEY}, ${'0'.repeat(64)}`,
};

async function refusal(change: Record<string, string | undefined>): Promise<string[]> {
  try {
    await readManyConfig({ ...GIVEN, ...change });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('it starts');
}

test('with nothing but what it must have', async () => {
  const config = await readManyConfig(GIVEN);
  expect(config.slack).toEqual({
    apiUrl: 'https://slack.com/api/',
    rateScale: 1,
    authorizeUrl: 'https://slack.com/oauth/v2/authorize',
    clientId: '1.2',
    clientSecret: 'secret',
    signingSecret: 'signing',
    port: 3000,
    publicUrl: 'https://winnow.example.com',
  });
  expect(config.claude).toEqual({ apiKey: null, baseUrl: undefined });
  expect(config.database).toEqual({ kind: 'sqlite', file: 'data/workspaces' });
  expect(config.encryptionKeys).toEqual([KEY, '0'.repeat(64)]);
});

test.each([
  ['', null],
  ['sk-ant-1', 'sk-ant-1'],
])('the key "%s" of Anthropic is for workspaces that set none', async (key, apiKey) => {
  expect((await readManyConfig({ ...GIVEN, ANTHROPIC_API_KEY: key })).claude).toEqual({
    ...{ apiKey, baseUrl: undefined },
  });
});

test.each([
  ['', 90 * DAY],
  ['1', DAY],
  ['0', null],
])('KEEP_ENDED_DAYS=%s keeps what has ended for %s ms', async (days, keepEndedMs) => {
  const environment = { ...GIVEN, KEEP_ENDED_DAYS: days };
  expect(await readManyConfig(environment)).toMatchObject({ keepEndedMs });
  expect(readOperatorConfig(environment)).toMatchObject({ keepEndedMs });
});

test('is for many workspaces when the app has an id', () => {
  expect(isForMany(GIVEN)).toBe(true);
  expect(isForMany({ SLACK_CLIENT_ID: '' })).toBe(false);
  // Whoever forgot the id is told so, and not asked for the token of one workspace.
  expect(isForMany({ ENCRYPTION_KEYS: KEY })).toBe(true);
});

test.each([
  'SLACK_CLIENT_ID',
  'SLACK_CLIENT_SECRET',
  'SLACK_SIGNING_SECRET',
  'PUBLIC_URL',
  'ENCRYPTION_KEYS',
])('%s is missing', async (name) => {
  for (const value of [undefined, '']) {
    expect(await refusal({ [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name} is missing; `)),
    ]);
  }
});

test.each([
  ['SLACK_BOT_TOKEN', 'xoxb-1', /is of one workspace; take it out/],
  ['PUBLIC_URL', 'winnow.example.com', /is no address; write it as https:/],
  ['PUBLIC_URL', 'http://winnow.example.com', /cannot be used: Slack and browsers need https/],
  ['PUBLIC_URL', 'https://winnow.example.com?x=1', /only the beginning of the address counts/],
  ['PUBLIC_URL', 'https://winnow.example.com/slack/install', /only the beginning/],
  ['ENCRYPTION_KEYS', `${KEY} short`, /32 bytes as base64 or hex; make one: openssl/],
  ['DATABASE_URL', 'sqlite:data/winnow.db', /has to name a folder/],
  ['DATABASE_URL', 'mysql://x', /has to be sqlite: and a path/],
  ['ANTHROPIC_API_KEY', 'sk ant', /has a space/],
  ['KEEP_ENDED_DAYS', '1.5', /a whole number of days, such as 90; 0: until you delete them/],
  ['KEEP_ENDED_DAYS', '-1', /a whole number of days/],
  ['TIMEZONE', 'Mars/Olympus', /is no time zone/],
])('%s=%s is refused, and nothing else', async (name, value, words) => {
  const problems = await refusal({ [name]: value });
  expect(problems).toEqual([expect.stringMatching(words)]);
  expect(problems[0]).toMatch(new RegExp(`^${name} `));
});

test("the operator's tools need no secret", () => {
  const { SLACK_CLIENT_ID } = GIVEN;
  expect(readOperatorConfig({ SLACK_CLIENT_ID })).toEqual({
    database: { kind: 'sqlite', file: 'data/workspaces' },
    ...{ monthlyBudgetUsd: null, timeZone: 'UTC', keepEndedMs: 90 * DAY },
  });
  const wrong = { SLACK_CLIENT_ID, MONTHLY_BUDGET_USD: '0', DATABASE_URL: 'mysql://x' };
  expect(() => readOperatorConfig(wrong)).toThrow(
    /DATABASE_URL has to be .*\n.*MONTHLY_BUDGET_USD has/,
  );
  expect(() => readOperatorConfig({})).toThrow(/SLACK_CLIENT_ID is missing: without it/);
});

test.each([
  ['25', 25],
  ['0.5', 0.5],
  ['none', 'none'],
  ['default', 'default'],
  ['0', undefined],
  ['-5', undefined],
  ['', undefined],
  ['1000001', undefined],
  ['much', undefined],
])('"%s" as a budget is %s', (text, budget) => {
  expect(readOwnBudget(text)).toBe(budget);
});
