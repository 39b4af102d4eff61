import { Cron } from 'croner';
import { z } from 'zod';
import { DATABASE_URL, parsePlace } from './core/database-place.ts';
import { DEFAULT_EMOJI } from './core/people/acts.ts';
import { EMOJI_NAME } from './core/people/emoji.ts';
import { KEY_FORM, parseKey } from './core/workspaces/sealing-key.ts';
import { isTimeZone } from './core/zones.ts';

/**
 * Every setting of the server: its name, what it may be, and its default. Each message says how to fix
 * the setting, because the person who starts the bot reads it.
 */

const optional = <T extends z.ZodType>(schema: T) =>
  // An empty value in an .env file means the same as no value.
  z.preprocess((value) => (value === '' ? undefined : value), schema);

const cron = (example: string) =>
  z.string().refine((pattern) => {
    try {
      new Cron(pattern);
      return true;
    } catch {
      return false;
    }
  }, `is not a cron pattern; write five fields such as "${example}"`);

const timeZone = z
  .string()
  .refine(isTimeZone, 'is no time zone; write an IANA name such as Europe/Paris');

/** An emoji by its name in Slack, with or without colons. */
const emoji = (name: string) =>
  optional(
    z
      .string()
      .transform((value) => value.replace(/^:|:$/g, ''))
      .refine(
        (value) => EMOJI_NAME.test(value),
        `is no emoji name; write it as Slack does: ${name}`,
      )
      .default(name),
  );

/** A token or key: what would break a header must not get into one, whose error would show it. */
const secret = (words: string) =>
  z.string(words).regex(/^[\x21-\x7e]+$/, 'has a space or another character that no key has');

const number = (words: string) =>
  z.coerce.number(words).refine((value) => value > 0 && value <= 100_000, words);

/** A number between two others, which are included. */
const between = (least: number, most: number, words: string) =>
  z.coerce.number(words).refine((value) => value >= least && value <= most, words);

const TAKE_OVER = 'has to be a number of seconds, up to 3600; 0: do not wait';

const SHOWN = 'has to be a number of messages from 1 to 50, such as 7';
const UNSURE = 'has to be a number from 0 to 1, such as 0.6; 0: never ask';
const LATENESS = 'has to be a number of minutes, up to 720, such as 10';
const RETENTION =
  'has to be a whole number of days, at least 1, such as 365; empty: texts are kept';
const KEPT = 'has to be a whole number of days, such as 90; 0: until you delete them';
const EXPRESS = 'has to be US dollars, such as 0.01; 0: never at once by itself';
const BUDGET = 'has to be US dollars a month, such as 5; empty: no limit';

const WEB = /^https?$/;

export const settingsSchema = z.object({
  SLACK_BOT_TOKEN: optional(
    secret(
      'is missing; copy the Bot User OAuth Token (xoxb-…) from your app, OAuth & Permissions',
    ).startsWith('xoxb-', 'is no bot token; it begins with xoxb-'),
  ),
  SLACK_APP_TOKEN: optional(
    secret('is missing')
      .startsWith('xapp-', 'is no app-level token; it begins with xapp-')
      .optional(),
  ),
  SLACK_SIGNING_SECRET: optional(secret('is missing').optional()),
  SLACK_CLIENT_ID: optional(z.string().optional()),
  SLACK_CLIENT_SECRET: optional(secret('is missing').optional()),
  PUBLIC_URL: optional(
    z
      .url({ protocol: WEB, error: 'is no address; write it as https://winnow.example.com' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
  ),
  ENCRYPTION_KEYS: optional(
    z
      .string()
      .transform((list) => list.split(/[\s,]+/).filter(Boolean))
      .refine((list) => list.every((key) => parseKey(key)), KEY_FORM)
      .optional(),
  ),
  KEEP_ENDED_DAYS: optional(between(0, 36_500, KEPT).refine(Number.isInteger, KEPT).default(90)),
  PORT: optional(
    z.coerce
      .number('is no port number')
      .int('is no port number')
      .min(0, 'is no port number')
      .max(65_535, 'is no port number')
      .default(3000),
  ),
  HEALTH_PORT: optional(
    z.coerce
      .number('is no port number')
      .int('is no port number')
      .min(0, 'is no port number')
      .max(65_535, 'is no port number')
      .optional(),
  ),
  SLACK_API_URL: optional(
    z
      .url('is no address')
      .endsWith('/api/', 'has to end in /api/')
      .default('https://slack.com/api/'),
  ),
  ANTHROPIC_API_KEY: optional(secret('is missing; make one at platform.claude.com, API keys')),
  ANTHROPIC_BASE_URL: optional(z.url('is no address').optional()),
  CLAUDE_MODEL: optional(z.string().default('claude-haiku-5-5')),
  DATABASE_URL: optional(
    z
      .string()
      .regex(
        DATABASE_URL,
        'has to be sqlite: and a path, such as sqlite:data/winnow.db, or postgres://user:password@host/database',
      )
      .default('sqlite:data/winnow.db')
      .transform(parsePlace),
  ),
  ADOPT_POSTS: optional(z.enum(['on', 'off'], 'has to be on or off').default('off')),
  TAKE_OVER_SECONDS: optional(between(0, 3_600, TAKE_OVER).default(60)),
  FEEDBACK_CHANNELS: optional(
    z
      .string()
      .default('')
      .transform((list) => list.split(/[\s,]+/).filter(Boolean))
      .refine(
        (list) => list.every((id) => /^[CG][A-Z0-9]{2,}$/.test(id)),
        'must be channel ids such as C0123ABCD, separated by commas (a channel shows its id at the end of its details)',
      ),
  ),
  SUMMARY_SCHEDULE: optional(cron('0 9 * * 1-5').default('0 9 * * 1-5')),
  CLASSIFY_SCHEDULE: optional(cron('0 * * * *').optional()),
  TIMEZONE: optional(timeZone.default('UTC')),
  SUMMARY_LATENESS_MINUTES: optional(between(0, 720, LATENESS).default(10)),
  NEEDS_SHOWN: optional(between(1, 50, SHOWN).refine(Number.isInteger, SHOWN).default(7)),
  UNSURE_BELOW: optional(between(0, 1, UNSURE).default(0.6)),
  EXPRESS_UP_TO_USD: optional(between(0, 1_000, EXPRESS).default(0)),
  MONTHLY_BUDGET_USD: optional(
    z.coerce
      .number(BUDGET)
      .refine((value) => value > 0 && value <= 1_000_000, BUDGET)
      .optional(),
  ),
  BATCH_POLL_SECONDS: optional(number('has to be a number of seconds, such as 60').default(60)),
  SLACK_RATE_SCALE: optional(number('has to be a number, 1 for Slack itself').default(1)),
  TAXONOMY_FILE: optional(z.string().optional()),
  CLAIM_EMOJI: emoji(DEFAULT_EMOJI.claim),
  RESOLVE_EMOJI: emoji(DEFAULT_EMOJI.resolve),
  DISMISS_EMOJI: emoji(DEFAULT_EMOJI.dismiss),
  CONFIRM_EMOJI: emoji(DEFAULT_EMOJI.confirm),
  FLAG_EMOJI: emoji(DEFAULT_EMOJI.flag),
  REMIND_AFTER_HOURS: optional(
    z.coerce
      .number('has to be a number of hours, such as 48, or 0 for no reminders')
      .min(0, 'has to be a number of hours, such as 48, or 0 for no reminders')
      .max(8_760, 'is more than a year; 0 means no reminders')
      .default(48),
  ),
  RETENTION_DAYS: optional(
    between(1, 36_500, RETENTION).refine(Number.isInteger, RETENTION).optional(),
  ),
  REDACT: optional(z.enum(['on', 'off'], 'has to be on or off').default('on')),
  JUDGE_AS_THEY_COME: optional(z.enum(['on', 'off'], 'has to be on or off').default('off')),
  CLOSE_THE_LOOP: optional(z.enum(['on', 'off'], 'has to be on or off').default('off')),
  LOG_LEVEL: optional(
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
        error: 'has to be one of fatal, error, warn, info, debug, trace',
      })
      .default('info'),
  ),
});

export const SETTING_NAMES = Object.keys(settingsSchema.shape);
