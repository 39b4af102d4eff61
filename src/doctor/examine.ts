import { createClaude } from '../claude/batches.ts';
import { readConfig, readValidSettings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import type { Log } from '../core/log.ts';
import type { ActiveSettings } from '../core/settings/settings.ts';
import { readSettings } from '../jobs/settings/in-force.ts';
import { isForMany } from '../many-config.ts';
import { createSlack } from '../slack/client.ts';
import { checkChannels } from './channels.ts';
import { checkClaude } from './claude.ts';
import { checkDatabase, type DatabaseState, findMisfit } from './database/file.ts';
import { openToRead } from './database/open-to-read.ts';
import { checkEmoji } from './emoji.ts';
import { type Finding, fault, type Section } from './finding.ts';
import { checkPort, checkSigningSecret, checkSocket } from './incoming.ts';
import { examineMany } from './many.ts';
import { readSettings as checkSettings } from './settings.ts';
import { checkToken } from './slack-token.ts';
import { checkSummary } from './summary.ts';
import { checkClock, watchHeaders } from './time.ts';
import { checkWork } from './work.ts';

/** How long a check may take. */
const PATIENCE_MS = 8_000;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const quiet = {
  ...silent,
  setLevel() {},
  getLevel: () => 'error' as never,
  setName() {},
};

/**
 * Checks every setting against the real services, side by side, and yields what was found in an order that
 * can be read. Nothing is posted or billed. A setting that is wrong does not keep the others from being
 * checked.
 */
export async function* examine(
  environment: NodeJS.ProcessEnv,
  clock: Clock,
): AsyncGenerator<Section> {
  const ending = new AbortController();
  const given = readValidSettings(environment);
  const headers = { slack: watchHeaders(clock), claude: watchHeaders(clock) };
  const slackWith = (token: string) =>
    createSlack(
      {
        token,
        apiUrl: given.SLACK_API_URL ?? '',
        // A few calls of each method, once: Slack's limits allow them in a row.
        rateScale: 1_000,
        logger: quiet,
        fetch: headers.slack.fetch,
      },
      clock,
    );

  if (isForMany(environment)) {
    yield* examineMany(environment, clock, slackWith);
    return;
  }
  const names = await checkSettings(() => readConfig(environment));
  yield { name: 'Settings', findings: names.findings };

  const slack = given.SLACK_BOT_TOKEN ? slackWith(given.SLACK_BOT_TOKEN) : undefined;
  const token = slack && checkToken(slack, headers.slack.scopes);
  const workspace = token?.then(({ workspace: known }) => known);

  const place = given.DATABASE_URL;
  const team = Promise.race([
    workspace?.then((found) => found?.id).catch(() => undefined),
    clock.sleep(PATIENCE_MS, ending.signal).then(() => undefined),
  ]);
  const database = place && (await examineDatabase(place, team));
  yield { name: 'Database', findings: database?.findings ?? [] };
  const isReadable = place !== undefined && database && !database.isBroken && !database.isEmpty;
  const open = async () => (isReadable ? openToRead(place, await team) : undefined);
  const inForce = names.config && (await readInForce(open, names.config.settings));

  const isRunning = database?.isRunning ?? false;
  const incoming = async (): Promise<Finding[]> => {
    const { SLACK_SIGNING_SECRET: secret, SLACK_APP_TOKEN: appToken } = given;
    const findings: Finding[] = [];
    if (secret) findings.push(checkSigningSecret(secret));
    else if (appToken) {
      findings.push(await checkSocket(slackWith(appToken), isRunning, ending.signal));
    }
    if (secret && given.PORT !== undefined) {
      findings.push(await checkPort('PORT', given.PORT, isRunning));
    }
    if (given.HEALTH_PORT !== undefined) {
      findings.push(await checkPort('HEALTH_PORT', given.HEALTH_PORT, isRunning));
    }
    return findings;
  };
  const channels = async (): Promise<Finding[]> => {
    const known = await workspace;
    if (!slack || !known) return [];
    return checkChannels(slack, known, given.FEEDBACK_CHANNELS ?? []);
  };
  const emoji = async (): Promise<Finding[]> => {
    if (!slack || !inForce || !(await workspace)) return [];
    return checkEmoji(slack, inForce);
  };
  const claude = async (): Promise<Finding[]> => {
    const { ANTHROPIC_API_KEY: apiKey, CLAUDE_MODEL: model } = given;
    if (!apiKey || !model) return [];
    const { fetch } = headers.claude;
    const client = createClaude({ apiKey, baseUrl: given.ANTHROPIC_BASE_URL, fetch });
    return checkClaude(client, model, clock.now());
  };
  const work = async (): Promise<Finding[]> => {
    const opened = inForce && (await open());
    if (!opened) return [];
    try {
      return await checkWork(opened.db, clock, inForce);
    } finally {
      await opened.close();
    }
  };

  const checks: [name: string, found: Promise<Finding[]>][] = [
    ['Slack', token?.then(({ findings }) => findings) ?? Promise.resolve([])],
    ['Events', incoming()],
    ['Channels', channels()],
    ['Emoji', emoji()],
    ['Claude', claude()],
    ['Work', work()],
  ];
  const late = clock.sleep(PATIENCE_MS, ending.signal).then(() => 'late' as const);
  // One may be waited for while another has long been done, or has failed.
  const told = checks.map(([name, found]) => ({ name, found: found.catch(describeFailure) }));
  for (const { name, found } of told) {
    const findings = await Promise.race([found, late]);
    yield { name, findings: findings === 'late' ? [LATE] : findings };
  }
  ending.abort();
  yield {
    name: 'Clock',
    findings: checkClock([
      { name: 'Slack', aheadMs: headers.slack.aheadMs() },
      { name: 'Anthropic', aheadMs: headers.claude.aheadMs() },
    ]),
  };
  if (inForce) yield { name: 'Summary', findings: [checkSummary(inForce, clock.now())] };
}

async function examineDatabase(
  place: DatabasePlace,
  team: Promise<string | undefined>,
): Promise<DatabaseState> {
  if (place.kind === 'postgres') {
    const { checkPostgres } = await import('./database/server.ts');
    return checkPostgres(place.url, { team: await team });
  }
  const state = checkDatabase(place.file);
  if (state.isBroken || state.isEmpty) return state;
  const id = await team;
  const misfit = id === undefined ? undefined : findMisfit(place.file, id);
  if (!misfit) return state;
  const [, ...more] = state.findings;
  return { ...state, isBroken: true, findings: [misfit, ...more] };
}

const LATE = fault(
  `There was no answer within ${PATIENCE_MS / 1000} seconds.`,
  'Check the network of this machine, and a proxy if there is one.',
);

const describeFailure = (error: unknown): Finding[] => [
  fault(
    `This could not be checked: ${error instanceof Error ? error.message : String(error)}.`,
    'Run npm run doctor again.',
  ),
];

/** The settings in force: those that were saved in Slack override the environment's. */
async function readInForce(
  open: () => ReturnType<typeof openToRead>,
  server: Awaited<ReturnType<typeof readConfig>>['settings'],
): Promise<ActiveSettings> {
  const fromEnvironment = { ...server, ...server.defaults, taxonomyVersion: 0 };
  let opened: Awaited<ReturnType<typeof openToRead>>;
  try {
    opened = await open();
    if (!opened) return fromEnvironment;
    const { settings } = await readSettings(opened.db, { log: silent, settings: fromEnvironment });
    return { ...server, ...settings, taxonomyVersion: 0 };
  } catch {
    // What is wrong with the database has been said.
    return fromEnvironment;
  } finally {
    await opened?.close();
  }
}
