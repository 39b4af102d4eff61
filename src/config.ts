import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type DatabasePlace, namePlace } from './core/database-place.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './core/durations.ts';
import type { PeopleEmoji } from './core/people/acts.ts';
import { DEFAULT_TAXONOMY, type Taxonomy, taxonomySchema } from './core/runs/taxonomy.ts';
import { findEmojiClashes, type ServerSettings } from './core/settings/settings.ts';
import { settingsSchema } from './settings-schema.ts';

/** Parses every setting from the environment, once, at start. The only reader of process.env. */

/** What every bot has, of one workspace or of many. */
export interface CommonConfig {
  /** The port for probes and metrics; null: none. */
  healthPort: number | null;
  database: DatabasePlace;
  /** How long to wait for another process to leave the database, in ms. */
  takeOverMs: number;
  settings: ServerSettings;
  logLevel: string;
}

/** The bot of one workspace. */
export interface Config extends CommonConfig {
  slack: {
    botToken: string;
    apiUrl: string;
    rateScale: number;
    /** How Slack's events arrive: over HTTP when a signing secret is set, otherwise by Socket Mode. */
    incoming:
      | { kind: 'socket'; appToken: string }
      | { kind: 'http'; signingSecret: string; port: number };
  };
  claude: { apiKey: string; baseUrl: string | undefined };
  /** Goes on with a database that does not know the newest posts. */
  adoptsPosts: boolean;
}

/** Settings are missing or invalid. The message names each of them and how to fix it. */
export class ConfigError extends Error {
  /** Each begins with the name of its setting; after the first `;` comes what mends it. */
  readonly problems: string[];

  constructor(problems: string[]) {
    super(
      `Winnow cannot start: ${problems.length === 1 ? 'a setting needs' : `${problems.length} settings need`} a look (.env.example explains each).\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Parsed = z.infer<typeof settingsSchema>;

/** @throws ConfigError */
export async function readConfig(environment: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const missing: string[] = [];
  if (!environment.SLACK_APP_TOKEN && !environment.SLACK_SIGNING_SECRET) {
    missing.push(
      'SLACK_APP_TOKEN is missing; make an app-level token (xapp-…) with connections:write under Basic Information, or set SLACK_SIGNING_SECRET to receive events over HTTP',
    );
  }
  const { settings, common } = await readCommon(settingsSchema, environment, missing);
  const { SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken = '' } = settings;
  return {
    slack: {
      botToken: settings.SLACK_BOT_TOKEN,
      apiUrl: settings.SLACK_API_URL,
      rateScale: settings.SLACK_RATE_SCALE,
      incoming: signingSecret
        ? { kind: 'http', signingSecret, port: settings.PORT }
        : { kind: 'socket', appToken },
    },
    claude: {
      apiKey: settings.ANTHROPIC_API_KEY,
      baseUrl: settings.ANTHROPIC_BASE_URL,
    },
    adoptsPosts: settings.ADOPT_POSTS === 'on',
    ...common,
  };
}

/** The settings that every bot reads in the same way. */
type CommonSettings = Omit<Parsed, 'SLACK_BOT_TOKEN' | 'ANTHROPIC_API_KEY'>;

/**
 * @param problems what is wrong with several settings together: zod skips checks of the whole object when a part is
 * invalid
 * @throws ConfigError
 */
export async function readCommon<T extends CommonSettings>(
  schema: z.ZodType<T>,
  environment: NodeJS.ProcessEnv,
  problems: string[],
): Promise<{ settings: T; common: CommonConfig }> {
  const parsed = schema.safeParse(environment);
  const invalid = parsed.success
    ? []
    : Object.entries<string[] | undefined>(z.flattenError(parsed.error).fieldErrors).map(
        ([name, messages]) => `${name} ${messages?.[0]}`,
      );
  problems.unshift(...invalid);
  // Read the file even when something else is wrong, so that one start reports every problem.
  const taxonomy = await readTaxonomyFile(environment.TAXONOMY_FILE || undefined, problems);
  if (parsed.success) problems.push(...describeEmojiClashes(readEmoji(parsed.data), taxonomy));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const settings = parsed.data;
  return { settings, common: toCommonConfig(settings, taxonomy) };
}

function toCommonConfig(settings: CommonSettings, taxonomy: Taxonomy): CommonConfig {
  return {
    healthPort: settings.HEALTH_PORT ?? null,
    database: settings.DATABASE_URL,
    takeOverMs: settings.TAKE_OVER_SECONDS * 1000,
    settings: {
      emoji: readEmoji(settings),
      model: settings.CLAUDE_MODEL,
      redact: settings.REDACT === 'on',
      retentionMs: settings.RETENTION_DAYS === undefined ? null : settings.RETENTION_DAYS * DAY_MS,
      batchPollMs: settings.BATCH_POLL_SECONDS * 1000,
      monthlyBudgetUsd: settings.MONTHLY_BUDGET_USD ?? null,
      expressUpToUsd: settings.EXPRESS_UP_TO_USD,
      summaryLatenessMs: settings.SUMMARY_LATENESS_MINUTES * MINUTE_MS,
      needsShown: settings.NEEDS_SHOWN,
      unsureBelow: settings.UNSURE_BELOW,
      feedbackChannels: settings.FEEDBACK_CHANNELS,
      defaults: {
        summarySchedule: settings.SUMMARY_SCHEDULE,
        classifySchedule: settings.CLASSIFY_SCHEDULE ?? null,
        timeZone: settings.TIMEZONE,
        taxonomy,
        remindAfterMs:
          settings.REMIND_AFTER_HOURS === 0 ? null : settings.REMIND_AFTER_HOURS * HOUR_MS,
        closeTheLoop: settings.CLOSE_THE_LOOP === 'on',
        asTheyCome: settings.JUDGE_AS_THEY_COME === 'on',
      },
    },
    logLevel: settings.LOG_LEVEL,
  };
}

function readEmoji(settings: CommonSettings): PeopleEmoji {
  return {
    claim: settings.CLAIM_EMOJI,
    resolve: settings.RESOLVE_EMOJI,
    dismiss: settings.DISMISS_EMOJI,
    confirm: settings.CONFIRM_EMOJI,
    flag: settings.FLAG_EMOJI,
  };
}

/** Describes emoji with several meanings, for the person who starts the bot. */
export function describeEmojiClashes(emoji: PeopleEmoji, taxonomy: Taxonomy): string[] {
  return findEmojiClashes(emoji, taxonomy).map(({ emoji: name, uses }) => {
    const users = uses.map((use) =>
      'act' in use ? `${use.act.toUpperCase()}_EMOJI` : `the category ${use.category}`,
    );
    return `${users.join(' and ')} use the same emoji (${name}); give one of them another`;
  });
}

/** The settings that can be read, whatever is wrong with the others. */
export function readValidSettings(environment: NodeJS.ProcessEnv): Partial<Parsed> {
  const valid = Object.entries(settingsSchema.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(environment[name]);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(valid);
}

/** For a program that goes on with settings that are wrong. */
export const readEnvironment = (): NodeJS.ProcessEnv => process.env;

/**
 * Reads only the path of the database.
 * @param instead what to do when it is no file
 * @throws ConfigError when it cannot be read, Error when it is no file
 */
export function readDatabaseFile(
  instead: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const parsed = settingsSchema.shape.DATABASE_URL.safeParse(environment.DATABASE_URL);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ message }) => `DATABASE_URL ${message}`));
  }
  const place = parsed.data;
  if (place.kind === 'sqlite') return place.file;
  throw new Error(`DATABASE_URL is ${namePlace(place)}: ${instead}`);
}

async function readTaxonomyFile(file: string | undefined, problems: string[]): Promise<Taxonomy> {
  if (!file) return DEFAULT_TAXONOMY;
  let content: unknown;
  try {
    const { parse } = await import('yaml');
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`TAXONOMY_FILE cannot be read: ${(error as Error).message.split('\n')[0]}`);
    return DEFAULT_TAXONOMY;
  }
  const parsed = taxonomySchema.safeParse(content);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    problems.push(`TAXONOMY_FILE: ${[...path, message].join(' ')}`);
  }
  return DEFAULT_TAXONOMY;
}
