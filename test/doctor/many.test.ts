import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startClaudeSim } from '../../sim/claude/claude-sim.ts';
import { startSlackCloud } from '../../sim/slack/cloud.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { systemClock } from '../../src/jobs/loop.ts';
import { controlIn } from '../../src/store/workspaces/files.ts';
import { saveInstallation } from '../../src/store/workspaces/installations.ts';
import { keyOf } from '../store/workspaces/keys.ts';
import {
  added,
  createPlace,
  installationOf,
  sealer,
  startControl,
} from '../store/workspaces/stage.ts';

/** What the doctor says of a bot that many workspaces install. */

const SECRET = '0123456789abcdef0123456789abcdef';

async function ask(change: Record<string, string | undefined> = {}) {
  const app = {
    ...{ clientId: '1.2', clientSecret: 'client-secret', signingSecret: SECRET, scopes: [] },
    redirectUrls: ['https://winnow.example.com/slack/oauth_redirect'],
  };
  const cloud = await startSlackCloud({ app });
  const claude = await startClaudeSim();
  onTestFinished(async () => {
    await Promise.all([cloud.close(), claude.stop()]);
  });
  const environment = {
    SLACK_CLIENT_ID: app.clientId,
    SLACK_CLIENT_SECRET: app.clientSecret,
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_API_URL: cloud.apiUrl,
    PUBLIC_URL: 'https://winnow.example.com',
    ENCRYPTION_KEYS: keyOf('first'),
    ANTHROPIC_BASE_URL: claude.url,
    ANTHROPIC_API_KEY: claude.apiKey,
    DATABASE_URL: 'sqlite:/dev/shm/there-is-none',
    PORT: '0',
    ...change,
  };
  const said: string[] = [];
  for await (const { name, findings } of examine(environment, systemClock)) {
    said.push(...findings.map((finding: Finding) => `${name} ${finding.state}: ${finding.text}`));
  }
  return said;
}

test('all is well', async () => {
  const said = await ask();
  expect(said.filter((line) => !/^\w+ ok:/.test(line))).toEqual([]);
  expect(said).toContain('Slack ok: Slack knows SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.');
});

test.each<[Record<string, string | undefined>, RegExp]>([
  [{ ENCRYPTION_KEYS: undefined }, /^Settings fault: ENCRYPTION_KEYS is missing\./],
  [{ SLACK_BOT_TOKEN: 'xoxb-1' }, /^Settings fault: SLACK_BOT_TOKEN is of one workspace\./],
  [{ SLACK_CLIENT_SECRET: 'wrong' }, /^Slack fault: .*bad_client_secret/],
  [{ SLACK_CLIENT_ID: '9.9' }, /^Slack fault: .*invalid_client_id/],
  [{ SLACK_SIGNING_SECRET: 'client-secret' }, /^Events fault: .*no signing secret/],
  [{ ANTHROPIC_API_KEY: 'sk-ant-wrong' }, /^Claude fault: Anthropic refuses ANTHROPIC_API_KEY/],
  [{ ANTHROPIC_API_KEY: '' }, /^Claude ok: There is no ANTHROPIC_API_KEY/],
])('%o', async (change, words) => {
  expect(await ask(change)).toContainEqual(expect.stringMatching(words));
});

test('the tokens that are stored are tried with the keys', async () => {
  const place = await createPlace('template1');
  const url = place.kind === 'sqlite' ? `sqlite:${path.dirname(place.file)}` : place.url;
  const control = await startControl(
    place.kind === 'sqlite' ? { ...place, file: controlIn(path.dirname(place.file)) } : place,
  );
  expect(await ask({ DATABASE_URL: url })).toContain('Database ok: No token or key is stored yet.');
  for (const team of ['T1', 'T2']) {
    await saveInstallation(control, sealer, installationOf(team), [added(team)]);
  }
  const askWith = (...keys: string[]) =>
    ask({ DATABASE_URL: url, ENCRYPTION_KEYS: keys.map(keyOf).join(',') });
  expect(await askWith('first')).toContain(
    'Database ok: ENCRYPTION_KEYS opens 2 stored tokens and keys.',
  );
  expect(await askWith('second', 'first')).toContain(
    'Database ok: ENCRYPTION_KEYS opens 2 stored tokens and keys; 2 of them with an older key, until the next start.',
  );
  expect(await askWith('second')).toContainEqual(
    expect.stringMatching(
      /^Database fault: ENCRYPTION_KEYS does not open 2 of 2 stored tokens and keys: installation T1 .* was sealed with the key \w+, which is not among the keys/,
    ),
  );
});
