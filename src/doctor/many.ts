import { z } from 'zod';
import { createClaude } from '../claude/batches.ts';
import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import { count } from '../core/text.ts';
import { type ManyConfig, readManyConfig } from '../many-config.ts';
import type { Slack } from '../slack/client.ts';
import { describeFailure } from '../slack/client.ts';
import { describeServerTrouble } from '../store/db/postgres/trouble.ts';
import { controlIn } from '../store/workspaces/files.ts';
import { openToLook } from '../store/workspaces/look.ts';
import { type Sealed, tryAll } from '../store/workspaces/reseal.ts';
import { createSealer } from '../store/workspaces/seal.ts';
import { checkClaude } from './claude.ts';
import { checkDatabase, type DatabaseState } from './database/file.ts';
import { type Finding, fault, ok, type Section, warning } from './finding.ts';
import { checkPort, checkSigningSecret } from './incoming.ts';
import { readSettings } from './settings.ts';

/** A bot that many workspaces install: its settings, the app's secrets, its database and its ports. */
export async function* examineMany(
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  createSlack: (token: string) => Slack,
): AsyncGenerator<Section> {
  const { config, findings } = await readSettings(() => readManyConfig(environment));
  yield { name: 'Settings', findings };
  if (!config) return;
  const database = await examinePlace(config.database);
  yield {
    name: 'Database',
    findings: [...database.findings, ...(await checkSealed(config, database))],
  };
  yield { name: 'Slack', findings: [await checkApp(config, createSlack('none'))] };
  const ports = [await checkPort('PORT', config.slack.port, database.isRunning)];
  if (config.healthPort !== null) {
    ports.push(await checkPort('HEALTH_PORT', config.healthPort, database.isRunning));
  }
  yield { name: 'Events', findings: [checkSigningSecret(config.slack.signingSecret), ...ports] };
  yield { name: 'Claude', findings: await checkKey(config, clock) };
}

async function examinePlace(place: DatabasePlace): Promise<DatabaseState> {
  if (place.kind === 'sqlite') return checkDatabase(controlIn(place.file), 'control');
  const { checkPostgres } = await import('./database/server.ts');
  return checkPostgres(place.url, 'many');
}

/** Whether the tokens that are stored open with the keys. */
async function checkSealed(
  { database, encryptionKeys }: ManyConfig,
  { isBroken, isEmpty }: DatabaseState,
): Promise<Finding[]> {
  if (isBroken || isEmpty) return [];
  try {
    await using begun = new AsyncDisposableStack();
    const { control } = await openToLook(database, begun);
    return [describeSealed(await tryAll(control, createSealer(encryptionKeys)))];
  } catch (error) {
    const reason = describeServerTrouble(error as Error);
    return [
      warning(
        `Whether ENCRYPTION_KEYS opens what is stored could not be tried: ${reason}.`,
        'Start the bot, and run npm run doctor again.',
      ),
    ];
  }
}

function describeSealed({ all, old, troubles }: Sealed): Finding {
  const stored = count(all, 'stored token or key', 'stored tokens and keys');
  const [trouble] = troubles;
  if (trouble !== undefined) {
    return fault(
      `ENCRYPTION_KEYS does not open ${troubles.length} of ${stored}: ${trouble}.`,
      'Bring back all the keys that the bot had.',
    );
  }
  if (all === 0) return ok('No token or key is stored yet.');
  const text = `ENCRYPTION_KEYS opens ${stored}`;
  return ok(
    old > 0 ? `${text}; ${old} of them with an older key, until the next start.` : `${text}.`,
  );
}

const SECRETS = 'Copy both from Basic Information on your app’s page.';

/** Slack looks at the app's secrets before it looks at a code, which is none here. */
async function checkApp({ slack: { clientId, clientSecret } }: ManyConfig, slack: Slack) {
  const args = { client_id: clientId, client_secret: clientSecret, code: 'none' };
  const answer = await slack.call('oauth.v2.access', args, z.looseObject({}));
  if (answer.kind === 'refused' && answer.error === 'invalid_code') {
    return ok('Slack knows SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.');
  }
  if (answer.kind === 'refused') {
    return fault(
      `Slack refuses SLACK_CLIENT_ID or SLACK_CLIENT_SECRET (${answer.error}).`,
      SECRETS,
    );
  }
  const reason = answer.kind === 'ok' ? 'it took a code that is none' : describeFailure(answer);
  return warning(
    `Slack cannot be asked about the app (${reason}).`,
    'Check the network of this machine, and a proxy if there is one.',
  );
}

async function checkKey({ claude, settings }: ManyConfig, clock: Clock): Promise<Finding[]> {
  const { apiKey, baseUrl } = claude;
  if (apiKey === null) return [ok('There is no ANTHROPIC_API_KEY: each workspace sets its own.')];
  return checkClaude(createClaude({ apiKey, baseUrl }), settings.model, clock.now());
}
