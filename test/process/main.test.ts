import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { playFeedback, type StandIns, startStandIns } from '../../sim/stand-ins.ts';
import { openSettings, save } from '../settings/stage.ts';

/** The bot as a process of its own, started as `npm start` starts it. */

const OPTIONS = { rateScale: 600, app: { ackTimeoutMs: 60_000 } };

let standIns: StandIns;
const directory = mkdtempSync(path.join(tmpdir(), 'winnow-main-'));

beforeAll(async () => {
  standIns = await startStandIns({ ...OPTIONS, batchMs: 100 });
});
afterAll(async () => {
  await standIns.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Bot {
  process: ChildProcess;
  lines: Record<string, unknown>[];
  /** The first line of the log with this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Its exit code and what it said on stderr. */
  ended: Promise<{ code: number | null; said: string }>;
}

let databases = 0;

function startBot(settings: Record<string, string> = {}): Bot {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../src/main.ts')], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...standIns.environment,
      DATABASE_URL: `sqlite:${path.join(directory, `${databases++}.db`)}`,
      SUMMARY_SCHEDULE: '0 0 1 1 *',
      // Each bot has a database of its own, and the workspace has the posts of those before it.
      ADOPT_POSTS: 'on',
      ...settings,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  const waiting = new Map<string, (line: Record<string, unknown>) => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    waiting.get(String(line.msg))?.(line);
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  );
  return {
    process: child,
    lines,
    ended,
    logged: (message) =>
      Promise.race([
        new Promise<Record<string, unknown>>((resolve) => {
          const before = lines.find(({ msg }) => msg === message);
          if (before) resolve(before);
          else waiting.set(message, resolve);
        }),
        ended.then(({ code, said: words }) => {
          throw new Error(`ended with ${code} before it logged "${message}": ${words}`);
        }),
      ]),
  };
}

/** What a command says that opens a run, also while the bot is still reading the channel. */
const STARTED = /^(Classifying \d+ pending|I am still reading what was posted)/;

test('it is ready, does a whole run when asked, and ends with 0 on SIGTERM', async () => {
  const { slack, channel, people } = standIns;
  const bot = startBot();
  const spawned = performance.now();
  expect(await bot.logged('ready')).toMatchObject({ incoming: 'socket', bot: slack.botUserId });
  const startMs = performance.now() - spawned;
  playFeedback(standIns, 30);
  await slack.idle({ ignoreRetries: true });
  const answer = await slack.command({ command: '/classify-feedback', user: people[0], channel });
  expect(answer.acked).toBe(true);
  expect(slack.ephemerals(people[0]).at(-1)?.text).toMatch(STARTED);
  const posts = () => slack.messages(channel).filter(({ bot_id }) => bot_id === slack.botId);
  const reacted = () =>
    slack
      .messages(channel)
      .filter(({ reactions }) => reactions.some(({ users }) => users.includes(slack.botUserId)));
  await slack.waitFor(() => posts().some(({ text }) => text.includes('30 messages')));
  await slack.waitFor(() => posts().length > 3 && reacted().length > 15);
  const begun = performance.now();
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  // On a busy machine everything takes its time.
  expect(performance.now() - begun).toBeLessThan(Math.max(3000, 3 * startMs));
  expect(bot.lines.at(-1)).toMatchObject({ msg: 'stopped', ended: 'drained' });
  expect(bot.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  const secrets = [slack.botToken, slack.appToken, standIns.claude.apiKey];
  for (const secret of secrets) expect(JSON.stringify(bot.lines)).not.toContain(secret);
});

test('it draws a Home tab at once, and what is pressed there', async () => {
  const stage = await startStandIns({ ...OPTIONS, batchMs: 100 });
  onTestFinished(() => stage.stop());
  const { slack, channel, people } = stage;
  const bot = startBot(stage.environment);
  await bot.logged('ready');
  slack.post({ channel, user: people[1], text: 'It crashes when I save, all is lost!' });
  await slack.idle({ ignoreRetries: true });
  await slack.command({ command: '/classify-feedback', user: people[0], channel });
  const shows = (words: string) => () =>
    JSON.stringify(slack.home(people[0])?.view ?? '').includes(words);
  const judged = () => slack.messages(channel).some(({ reactions }) => reactions.length > 0);
  await slack.waitFor(judged);
  slack.openHome(people[0]);
  await slack.waitFor(shows('1 needs attention'));
  await slack.click({ user: people[0], home: true, actionId: 'flag_claim' });
  await slack.waitFor(shows('Claimed by'));
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
  expect(bot.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

test('over HTTP it takes signed events, and ends with 0 as well', async () => {
  const stage = await startStandIns(OPTIONS);
  onTestFinished(() => stage.stop());

  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
  const bot = startBot({
    ...stage.environment,
    SLACK_APP_TOKEN: '',
    SLACK_SIGNING_SECRET: stage.slack.signingSecret,
    PORT: String(port),
  });
  expect(await bot.logged('ready')).toMatchObject({ incoming: 'http' });
  stage.slack.deliverByHttp(`http://127.0.0.1:${port}/slack/events`);
  playFeedback(stage, 3);
  await stage.slack.idle({ ignoreRetries: true });
  const { channel, people } = stage;
  await stage.slack.command({ command: '/classify-feedback', user: people[0], channel });
  expect(stage.slack.ephemerals(people[0]).at(-1)?.text).toMatch(STARTED);
  await stage.slack.waitFor(() =>
    stage.slack
      .messages(channel)
      .some(({ bot_id, text }) => bot_id === stage.slack.botId && text.includes('3 messages')),
  );
  bot.process.kill('SIGINT');
  expect((await bot.ended).code).toBe(0);
});

test('what is saved in Slack counts at once, after a restart as well, and never in silence', async () => {
  const { slack, channel, people } = standIns;
  const stage = { slack, channel, user: people[0] };
  const database = { DATABASE_URL: `sqlite:${path.join(directory, 'settings.db')}` };
  const bot = startBot(database);
  await bot.logged('ready');
  // It answers once it has looked around for its channels.
  const command = { command: '/classify-feedback', user: people[0], channel };
  const said = () => slack.ephemerals(people[0]).at(-1)?.text ?? '';
  do await slack.command({ ...command, text: 'status' });
  while (said().startsWith('I am not a member'));
  const view = await openSettings(stage);
  await save(stage, view, { summaryCron: '* * * * * *', 'c-bug-emoji': ':ant:' });
  // The schedule of the environment comes once a year.
  await bot.logged('a schedule was due');
  bot.process.kill('SIGKILL');
  await bot.ended;

  const again = startBot(database);
  expect(await again.logged('settings saved in Slack count, not those of the environment')).toEqual(
    expect.objectContaining({ settings: 1, user: people[0] }),
  );
  await again.logged('a schedule was due');
  again.process.kill('SIGKILL');
  await again.ended;

  const clashing = await startBot({ ...database, CLAIM_EMOJI: 'ant' }).ended;
  expect(clashing.said).toMatch(/^CLAIM_EMOJI and the category bug use the same emoji \(ant\)/);
  expect(clashing.said).toContain('saved in Slack');
  expect(clashing.code).toBe(1);
});

describe('what a person has to mend ends it with 1 and words that name the setting', () => {
  const corrupt = path.join(directory, 'corrupt.db');
  writeFileSync(corrupt, 'This is no database, although it is long enough. '.repeat(100));

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'a wrong bot token',
      { SLACK_BOT_TOKEN: 'xoxb-wrong' },
      /^SLACK_BOT_TOKEN: Slack refuses it \(invalid_auth\)\./,
    ],
    [
      'a wrong app token',
      { SLACK_APP_TOKEN: 'xapp-wrong' },
      /^SLACK_APP_TOKEN: Slack refuses it .*connections:write/,
    ],
    [
      'a wrong key',
      { ANTHROPIC_API_KEY: 'sk-ant-wrong' },
      /^ANTHROPIC_API_KEY: Anthropic refuses it/,
    ],
    [
      'an unknown model',
      { CLAUDE_MODEL: 'claude-of-my-dreams' },
      /^CLAUDE_MODEL: claude-of-my-dreams cannot be used/,
    ],
    [
      'a corrupt database',
      { DATABASE_URL: `sqlite:${corrupt}` },
      /^DATABASE_URL: .*corrupt\.db cannot be (opened|used): file is not a database/,
    ],
    [
      'a database that cannot be written',
      { DATABASE_URL: `sqlite:${corrupt}/winnow.db` },
      /^DATABASE_URL: .*corrupt\.db cannot be written \(\w+\)\. Give the user that runs Winnow/,
    ],
    [
      'several settings at once',
      {
        SLACK_BOT_TOKEN: '',
        ANTHROPIC_API_KEY: '',
        TIMEZONE: 'Mars/Olympus',
        SUMMARY_SCHEDULE: 'daily',
      },
      /SLACK_BOT_TOKEN is missing[\s\S]*ANTHROPIC_API_KEY is missing[\s\S]*SUMMARY_SCHEDULE is not a cron[\s\S]*TIMEZONE is no time zone/,
    ],
  ])('%s', async (_what, settings, words) => {
    const { code, said } = await startBot(settings).ended;
    expect(said).toMatch(words);
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  });
});

test('Claude out at the start: it starts all the same and collects', async () => {
  const bot = startBot({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
  await bot.logged('ready');
  expect(bot.lines).toContainEqual(
    expect.objectContaining({ msg: 'Claude cannot be asked for now; messages are collected' }),
  );
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
});

test('Slack out at the start: it keeps trying, and a SIGTERM ends it meanwhile', async () => {
  const bot = startBot({ SLACK_API_URL: 'http://127.0.0.1:9/api/' });
  await bot.logged('Slack cannot be reached; trying again');
  bot.process.kill('SIGTERM');
  expect((await bot.ended).code).toBe(0);
});
