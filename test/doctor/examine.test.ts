import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readManifest } from '../../demo/manifest.ts';
import { createMetrics } from '../../src/health/metrics.ts';
import { startHealthServer } from '../../src/health/server.ts';
import { createHttpReceiver } from '../../src/listeners/http-receiver.ts';
import { toSlackLogger } from '../../src/slack/logger.ts';
import { lockDatabase } from '../../src/store/db/lock.ts';
import { openDatabase, openWorkspaceFile } from '../../src/store/db/open.ts';
import { setHold } from '../../src/store/delivery/holds.ts';
import { discoverChannel } from '../../src/store/intake/channels.ts';
import {
  createFolder,
  listFaults,
  listWarnings,
  mountTmpfs,
  PATIENT_CLOCK,
  startPatient,
} from './stage.ts';

/** The doctor says what is wrong, all of it and nothing else, and the step that mends it. */

const MINUTE_MS = 60_000;

test('a bot that is set up right: all is well, nothing is posted, and nothing stays behind', async () => {
  const { slack, claude, folder, channel, examine } = await startPatient();
  const sections = await examine();
  expect(listFaults(sections)).toEqual([]);
  expect(listWarnings(sections)).toEqual([]);
  expect(sections.map(({ name }) => name)).toEqual([
    'Settings',
    'Database',
    'Slack',
    'Events',
    'Channels',
    'Emoji',
    'Claude',
    'Work',
    'Clock',
    'Summary',
  ]);
  expect(slack.messages(channel)).toEqual([]);
  expect(claude.batches()).toEqual([]);
  expect(claude.asked).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  await slack.waitFor(() => slack.sockets.count() === 0);
});

test('over HTTP as well', async () => {
  const { slack, examine } = await startPatient();
  const sections = await examine({
    SLACK_APP_TOKEN: undefined,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    PORT: '0',
  });
  expect(listFaults(sections)).toEqual([]);
});

test('a scope is missing', async () => {
  const { scopes } = readManifest();
  const { examine } = await startPatient({
    scopes: scopes.filter((scope) => scope !== 'files:write' && scope !== 'users:read'),
  });
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(
      /^Slack: The app lacks the scopes files:write, users:read\. → Paste manifest\.yml .* install the app again/,
    ),
  ]);
});

test('the bot token is wrong', async () => {
  const { examine } = await startPatient();
  expect(listFaults(await examine({ SLACK_BOT_TOKEN: 'xoxb-wrong' }))).toEqual([
    expect.stringMatching(/^Slack: Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)\. → Copy/),
  ]);
});

test('the app token is wrong', async () => {
  const { examine } = await startPatient();
  expect(listFaults(await examine({ SLACK_APP_TOKEN: 'xapp-wrong' }))).toEqual([
    expect.stringMatching(/^Events: Slack refuses SLACK_APP_TOKEN \(invalid_auth\)\. → Make/),
  ]);
});

test('the signing secret is the client secret', async () => {
  const { examine } = await startPatient();
  const settings = { SLACK_SIGNING_SECRET: 'a'.repeat(31), PORT: '0' };
  expect(listFaults(await examine(settings))).toEqual([
    expect.stringMatching(/^Events: SLACK_SIGNING_SECRET is no signing secret.* → Copy/),
  ]);
});

/** A server that answers everything with this status. @returns its port */
async function serve(status: number): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { server: 'another' }).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

test.each([
  ['no bot runs', false],
  ['a bot runs', true],
])('another program has the ports, and %s', async (_name, isRunning) => {
  const { folder, slack, examine } = await startPatient();
  const file = path.join(folder, 'winnow.db');
  const db = await openDatabase(file);
  const unlock = isRunning ? lockDatabase(file) : () => {};
  onTestFinished(async () => {
    unlock();
    await db.destroy();
  });
  const settings = {
    SLACK_SIGNING_SECRET: slack.signingSecret,
    PORT: await serve(404),
    HEALTH_PORT: await serve(200),
  };
  expect(listFaults(await examine(settings))).toEqual([
    expect.stringMatching(/^Events: PORT \d+ is in use by another program\. → Stop that program/),
    expect.stringMatching(/^Events: HEALTH_PORT \d+ is in use by another program\. → Stop that/),
  ]);
});

test('the ports are those of another Winnow', async () => {
  const { slack, examine } = await startPatient();
  const ports = await listenAsWinnow(slack.signingSecret);
  expect(
    listFaults(await examine({ SLACK_SIGNING_SECRET: slack.signingSecret, ...ports })),
  ).toEqual([
    expect.stringMatching(/^Events: PORT \d+ is in use by another Winnow\. → Stop that one/),
    expect.stringMatching(/^Events: HEALTH_PORT \d+ is in use by another Winnow\. → Stop that one/),
  ]);
});

test('people’s emoji and a category’s are not there', async () => {
  const { examine } = await startPatient();
  expect(listFaults(await examine({ CLAIM_EMOJI: 'company-eyes' }))).toEqual([
    'Emoji: The workspace does not have the emoji company-eyes of CLAIM_EMOJI. → Set CLAIM_EMOJI to an emoji that the workspace has.',
  ]);
});

test('channels: not in it, not found, archived, read-only, without threads', async () => {
  const { slack, user, channel, examine } = await startPatient();
  const add = (name: string, members: string[]) => slack.addChannel({ name, members });
  const all = [user, slack.botUserId];
  const outside = add('outside', [user]);
  const archived = add('archived', all);
  slack.archive(archived);
  const quiet = add('quiet', all);
  slack.limitPosting(quiet, 'read_only');
  const flat = add('flat', all);
  slack.limitPosting(flat, 'no_threads');
  const threads = add('threads', all);
  slack.limitPosting(threads, 'thread_only');
  const ids = [channel, outside, 'C0NOWHERE', archived, quiet, flat, threads];
  const sections = await examine({ FEEDBACK_CHANNELS: ids.join(',') });
  expect(listFaults(sections)).toEqual([
    `Channels: Winnow is not in #outside (${outside}). → Type /invite @Winnow in it.`,
    expect.stringMatching(/^Channels: The channel C0NOWHERE is not to be found\. → Copy its id/),
    expect.stringMatching(/^Channels: #archived .* is archived\. → Unarchive it/),
    expect.stringMatching(/^Channels: Winnow may not post in #quiet .*read-only\. → Ask an admin/),
    expect.stringMatching(/^Channels: Winnow may not reply in threads of #flat .* → Ask an admin/),
    expect.stringMatching(/^Channels: Winnow may only reply in threads of #threads .* → Ask/),
  ]);
});

test('a bot in no channel works, and somebody should know', async () => {
  const { slack, channel, examine } = await startPatient();
  slack.leave(channel, slack.botUserId);
  const sections = await examine();
  expect(listFaults(sections)).toEqual([]);
  expect(listWarnings(sections)).toEqual(['Winnow is in no channel.']);
});

test.each([
  [
    'no such model',
    { CLAUDE_MODEL: 'claude-haiku-1' },
    /CLAUDE_MODEL claude-haiku-1 cannot be used .* → Leave CLAUDE_MODEL out/,
  ],
  [
    'a retired model',
    { CLAUDE_MODEL: 'claude-sonnet-4-5' },
    /CLAUDE_MODEL claude-sonnet-4-5 cannot be used \(claude-sonnet-4-5 is retired\)\. → Leave/,
  ],
  [
    'a wrong key',
    { ANTHROPIC_API_KEY: 'sk-ant-wrong' },
    /Anthropic refuses ANTHROPIC_API_KEY .* → Make a new key/,
  ],
])('Claude: %s', async (_what, settings, words) => {
  const { examine } = await startPatient();
  const faults = listFaults(await examine(settings));
  expect(faults).toEqual([expect.stringMatching(words)]);
});

test('the spend limit is reached', async () => {
  const { claude, examine } = await startPatient();
  claude.faults.add({ kind: 'spend_cap', path: /count_tokens$/ });
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(/^Claude: The spend limit at Anthropic is reached\. → Raise it/),
  ]);
});

test.each([
  [10, 'behind'],
  [-10, 'ahead of'],
])('Slack’s clock is %i minutes ahead', async (minutes, words) => {
  const { examine } = await startPatient({ now: () => Date.now() + minutes * MINUTE_MS });
  expect(listFaults(await examine())).toEqual([
    `Clock: The clock of this machine is 10 min ${words} Slack's. → Let the system set its clock (NTP), for instance by: timedatectl set-ntp true`,
  ]);
});

test('a folder that cannot be written', async () => {
  const { examine } = await startPatient();
  const folder = createFolder();
  // Nobody may write there, not even root.
  const file = mountTmpfs(folder, 'ro') ? path.join(folder, 'winnow.db') : '/proc/winnow.db';
  expect(listFaults(await examine({ DATABASE_URL: `sqlite:${file}` }))).toEqual([
    expect.stringMatching(/^Database: \S+ cannot be written \(\w+\)\. → Give the user that runs/),
  ]);
});

test('a full disk', async () => {
  const { examine } = await startPatient();
  const folder = createFolder();
  if (!mountTmpfs(folder, 'size=512k')) letSqliteFail('SQLITE_FULL');
  const file = path.join(folder, 'winnow.db');
  expect(listFaults(await examine({ DATABASE_URL: `sqlite:${file}` }))).toEqual([
    expect.stringMatching(/^Database: The disk of \S+ is full \(SQLITE_FULL\)\. → Make room/),
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [
    'SQLITE_BUSY',
    /The file system of \S+ has no locks \(SQLITE_BUSY\)\. → Put the database on a local/,
  ],
  [
    'SQLITE_IOERR_SHMMAP',
    /The file system of \S+ has no shared memory .* → Put the database on a local/,
  ],
])('a file system on which SQLite says %s', async (code, words) => {
  const { examine } = await startPatient();
  letSqliteFail(code);
  expect(listFaults(await examine())).toEqual([expect.stringMatching(words)]);
});

/** No file system without locks, or without shared memory, can be made everywhere. */
function letSqliteFail(code: string): void {
  const exec = vi.spyOn(Sqlite.prototype, 'exec').mockImplementation(() => {
    throw new Sqlite.SqliteError('it fails', code);
  });
  onTestFinished(() => void exec.mockRestore());
}

test('a file that is no database', async () => {
  const { folder, examine } = await startPatient();
  writeFileSync(path.join(folder, 'winnow.db'), 'This is a letter. '.repeat(500));
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(
      /^Database: .*winnow\.db is no database, or a damaged one .*.* → Bring a copy back/,
    ),
  ]);
});

test('the database of another program', async () => {
  const { folder, examine } = await startPatient();
  const other = new Sqlite(path.join(folder, 'winnow.db'));
  other.exec('create table notes (text)');
  other.close();
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(/^Database: .* is the database of another program\. → Name another file/),
  ]);
});

test('the database of another workspace', async () => {
  const { folder, examine, slack } = await startPatient();
  const file = path.join(folder, 'winnow.db');
  await (await openWorkspaceFile(file, 'T0OTHER')).destroy();
  const sections = await examine();
  expect(listFaults(sections)).toEqual([
    `Database: ${file} cannot be used: it belongs to the workspace T0OTHER, not to ${slack.teamId}. → Name another file in DATABASE_URL, or take the SLACK_BOT_TOKEN of that workspace.`,
  ]);
  const database = sections.find(({ name }) => name === 'Database');
  expect(JSON.stringify(database?.findings)).toContain('free on its disk');
});

test('a damaged database that a bot runs on', async () => {
  const { folder, examine } = await startPatient();
  const file = path.join(folder, 'winnow.db');
  writeFileSync(file, 'no database, however long it is'.repeat(100));
  onTestFinished(lockDatabase(file));
  expect(listFaults(await examine())).toContainEqual(
    expect.stringMatching(/^Database: .*winnow\.db is no database, or a damaged one/),
  );
});

test('a database that may only be read', async () => {
  const { folder, examine } = await startPatient();
  const file = path.join(folder, 'winnow.db');
  await (await openDatabase(file)).destroy();
  const { exec } = Sqlite.prototype;
  // Root may write everything, so SQLite says what it would say to others.
  const spy = vi.spyOn(Sqlite.prototype, 'exec').mockImplementation(function (
    this: Sqlite.Database,
    source: string,
  ) {
    if (source.includes('doctor_was_here')) {
      throw new Sqlite.SqliteError('attempt to write a readonly database', 'SQLITE_READONLY');
    }
    return exec.call(this, source);
  });
  onTestFinished(() => void spy.mockRestore());
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(/^Database: .*winnow\.db cannot be written \(SQLITE_READONLY\)\. → Give/),
  ]);
});

/** Listens on both ports as the bot does. @returns the settings that name them */
async function listenAsWinnow(signingSecret: string) {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const logger = toSlackLogger(log, false);
  const receiver = createHttpReceiver({ signingSecret, port: 0, logger, log, onHeldBack() {} });
  const server = await receiver.start(0);
  const health = await startHealthServer(0, {
    watched: () => undefined,
    metrics: createMetrics(PATIENT_CLOCK),
  });
  onTestFinished(async () => {
    await receiver.stop();
    health.close();
  });
  const portOf = (each: typeof health) => String((each.address() as AddressInfo).port);
  return { PORT: portOf(server as typeof health), HEALTH_PORT: portOf(health) };
}

test('a bot that runs keeps its database, and its ports', async () => {
  const { folder, slack, examine } = await startPatient();
  const file = path.join(folder, 'winnow.db');
  const db = await openDatabase(file);
  const unlock = lockDatabase(file);
  onTestFinished(async () => {
    unlock();
    await db.destroy();
  });
  const ports = await listenAsWinnow(slack.signingSecret);
  const settings = { SLACK_SIGNING_SECRET: slack.signingSecret, ...ports };
  const sections = await examine(settings);
  expect(listFaults(sections)).toEqual([]);
  const texts = sections.flatMap(({ findings }) => findings.map(({ text }) => text));
  expect(texts).toContainEqual(expect.stringMatching(/^Winnow is running on .*winnow\.db/));
  for (const [name, port] of Object.entries(ports))
    expect(texts).toContainEqual(`${name} ${port} is in use: Winnow is running.`);
});

test('what the bot was refused when it tried, and what it waits for', async () => {
  const { folder, channel, examine } = await startPatient();
  const db = await openDatabase(path.join(folder, 'winnow.db'));
  await discoverChannel(db, channel, 'feedback');
  await db
    .transaction()
    .execute((tx) =>
      setHold(
        tx,
        { needs: 'post', channel, emoji: '' },
        { reason: 'restricted_action', tryAt: null, now: 0 },
      ),
    );
  await db.destroy();
  expect(listFaults(await examine())).toEqual([
    expect.stringMatching(
      /^Work: Slack did not let Winnow post in C\w+ \(restricted_action\)\. → Ask an admin/,
    ),
  ]);
});

test('settings that are missing do not keep the others from being checked', async () => {
  const { examine } = await startPatient();
  const sections = await examine({ ANTHROPIC_API_KEY: undefined, TIMEZONE: 'Mars/Olympus' });
  expect(listFaults(sections)).toEqual([
    'Settings: ANTHROPIC_API_KEY is missing. → Make one at platform.claude.com, API keys.',
    'Settings: TIMEZONE is no time zone. → Write an IANA name such as Europe/Paris.',
  ]);
  const texts = sections.flatMap(({ findings }) => findings.map(({ text }) => text));
  expect(texts).toContainEqual(expect.stringMatching(/^SLACK_BOT_TOKEN is the bot of/));
});

test('a service that does not answer is given up, and the rest is said', async () => {
  const { slack, examine } = await startPatient();
  slack.faults.add({ kind: 'hang', method: 'apps.connections.open' });
  const impatient = { ...PATIENT_CLOCK, sleep: async () => {} };
  const faults = listFaults(await examine({}, impatient));
  expect(faults).toContainEqual(
    'Events: There was no answer within 8 seconds. → Check the network of this machine, and a proxy if there is one.',
  );
});

test('what was found before a late check is said after it', async () => {
  const { slack, claude, examine } = await startPatient();
  slack.faults.add({ kind: 'hang', method: 'apps.connections.open' });
  // Time is up once the others have long been done.
  const clock = {
    ...PATIENT_CLOCK,
    sleep: async () => {
      await claude.waitFor(() => claude.calls.length >= 3);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const sections = await examine({}, clock);
  expect(listFaults(sections)).toHaveLength(1);
  const claudes = sections.find(({ name }) => name === 'Claude');
  expect(claudes?.findings).toEqual([expect.objectContaining({ state: 'ok' })]);
});
