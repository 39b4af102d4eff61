import { z } from 'zod';
import {
  type CommonConfig,
  ConfigError,
  readCommon,
  readDatabaseFile,
  readEnvironment,
} from './config.ts';
import { DAY_MS } from './core/durations.ts';
import type { OwnBudget } from './core/workspaces/own-budget.ts';
import { settingsSchema } from './settings-schema.ts';

/** The settings of a bot that many workspaces install: it has the app's secrets instead of one workspace's tokens. */
export interface ManyConfig extends CommonConfig {
  slack: {
    apiUrl: string;
    rateScale: number;
    /** Where people are asked whether they want the app. */
    authorizeUrl: string;
    clientId: string;
    clientSecret: string;
    signingSecret: string;
    port: number;
    /** Where Slack and people reach the bot, without a slash at the end. */
    publicUrl: string;
  };
  claude: {
    /** For workspaces that have no key of their own; null: they have to set one. */
    apiKey: string | null;
    baseUrl: string | undefined;
  };
  /** The first one seals, all of them open. */
  encryptionKeys: string[];
  keepEndedMs: KeepEndedMs;
  /** Goes on with databases that do not know the newest posts. */
  adoptsPosts: boolean;
}

/** How long workspaces are kept after they have ended; null: until the operator deletes them. */
type KeepEndedMs = number | null;

/** Whether many workspaces install the bot. Only such a bot seals anything. */
export const isForMany = ({ SLACK_CLIENT_ID, ENCRYPTION_KEYS }: NodeJS.ProcessEnv): boolean =>
  Boolean(SLACK_CLIENT_ID || ENCRYPTION_KEYS);

const { shape } = settingsSchema;

const needed = <T>(schema: z.ZodType<T>, words: string) =>
  schema.transform((value, { addIssue }): NonNullable<T> => {
    if (value !== undefined && value !== null) return value;
    addIssue(words);
    return z.NEVER;
  });

const ON_THIS_MACHINE = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

function isReachable(url: string): boolean {
  const { protocol, hostname, pathname, search, hash } = new URL(url);
  const isSafe = protocol === 'https:' || ON_THIS_MACHINE.test(hostname);
  return isSafe && search === '' && hash === '' && !pathname.includes('/slack');
}

/** The rows of each workspace are in a file of their own. */
const DEFAULT_PLACE = 'sqlite:data/workspaces';

const isFile = (path: string) => path.endsWith('.db');
const NOT_A_FILE =
  'has to name a folder, such as sqlite:data/workspaces: each workspace has a file there';

const manySchema = settingsSchema.extend({
  SLACK_BOT_TOKEN: z
    .literal(['', undefined], 'is of one workspace; take it out, or take SLACK_CLIENT_ID out')
    .optional(),
  ANTHROPIC_API_KEY: z.union([z.literal(''), shape.ANTHROPIC_API_KEY]).optional(),
  SLACK_CLIENT_ID: needed(
    shape.SLACK_CLIENT_ID,
    'is missing; copy it from your app, Basic Information. The bot of one workspace needs no ENCRYPTION_KEYS',
  ),
  SLACK_CLIENT_SECRET: needed(
    shape.SLACK_CLIENT_SECRET,
    'is missing; copy it from your app, Basic Information',
  ),
  SLACK_SIGNING_SECRET: needed(
    shape.SLACK_SIGNING_SECRET,
    'is missing; copy it from your app, Basic Information',
  ),
  PUBLIC_URL: needed(
    shape.PUBLIC_URL,
    'is missing; write where Slack reaches the bot, such as https://winnow.example.com',
  ).refine(
    isReachable,
    'cannot be used: Slack and browsers need https, and only the beginning of the address counts, such as https://winnow.example.com',
  ),
  ENCRYPTION_KEYS: needed(shape.ENCRYPTION_KEYS, 'is missing; make a key: openssl rand -base64 32'),
  DATABASE_URL: z
    .preprocess((url) => url || DEFAULT_PLACE, shape.DATABASE_URL)
    .refine((place) => place.kind === 'postgres' || !isFile(place.file), NOT_A_FILE),
});

const toKeepEndedMs = (days: number): KeepEndedMs => (days === 0 ? null : days * DAY_MS);

/** @throws ConfigError */
export async function readManyConfig(environment: NodeJS.ProcessEnv): Promise<ManyConfig> {
  const { settings, common } = await readCommon(manySchema, environment, []);
  const apiUrl = settings.SLACK_API_URL;
  return {
    slack: {
      apiUrl,
      rateScale: settings.SLACK_RATE_SCALE,
      authorizeUrl: new URL('/oauth/v2/authorize', apiUrl).href,
      clientId: settings.SLACK_CLIENT_ID,
      clientSecret: settings.SLACK_CLIENT_SECRET,
      signingSecret: settings.SLACK_SIGNING_SECRET,
      port: settings.PORT,
      publicUrl: settings.PUBLIC_URL,
    },
    claude: {
      apiKey: settings.ANTHROPIC_API_KEY || null,
      baseUrl: settings.ANTHROPIC_BASE_URL,
    },
    encryptionKeys: settings.ENCRYPTION_KEYS,
    keepEndedMs: toKeepEndedMs(settings.KEEP_ENDED_DAYS),
    adoptsPosts: settings.ADOPT_POSTS === 'on',
    ...common,
  };
}

/** What the operator's tools have to know of the settings: no token, no key. */
export interface OperatorConfig extends Pick<CommonConfig, 'database'> {
  /** What each workspace may spend a month that has no budget of its own, in US dollars; null: no limit. */
  monthlyBudgetUsd: number | null;
  /** Of workspaces that have saved no other one. */
  timeZone: string;
  keepEndedMs: KeepEndedMs;
}

const operatorSchema = manySchema.pick({
  DATABASE_URL: true,
  MONTHLY_BUDGET_USD: true,
  TIMEZONE: true,
  KEEP_ENDED_DAYS: true,
});

/** @throws ConfigError */
export function readOperatorConfig(environment: NodeJS.ProcessEnv): OperatorConfig {
  if (!isForMany(environment)) {
    throw new ConfigError([
      'SLACK_CLIENT_ID is missing: without it, Winnow is the bot of one workspace (docs/workspaces.md)',
    ]);
  }
  const parsed = operatorSchema.safeParse(environment);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join(' ')} ${message}`),
    );
  }
  const settings = parsed.data;
  return {
    database: settings.DATABASE_URL,
    monthlyBudgetUsd: settings.MONTHLY_BUDGET_USD ?? null,
    timeZone: settings.TIMEZONE,
    keepEndedMs: toKeepEndedMs(settings.KEEP_ENDED_DAYS),
  };
}

/** @returns undefined for what is no budget */
export function readOwnBudget(text: string): OwnBudget | undefined {
  if (text === 'default' || text === 'none') return text;
  return shape.MONTHLY_BUDGET_USD.safeParse(text).data;
}

/**
 * Reads only the folder of the workspaces' files.
 * @param instead what to do when it is no folder
 * @throws ConfigError when it cannot be read, Error when it is no folder
 */
export function readDatabaseFolder(instead: string): string {
  const url = readEnvironment().DATABASE_URL || DEFAULT_PLACE;
  const folder = readDatabaseFile(instead, { DATABASE_URL: url });
  if (isFile(folder)) throw new ConfigError([`DATABASE_URL ${NOT_A_FILE}`]);
  return folder;
}
