import { z } from 'zod';
import { type CommonConfig, readCommon } from './config.ts';
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
}

/** Whether many workspaces install the bot. */
export const isForMany = (environment: NodeJS.ProcessEnv): boolean =>
  Boolean(environment.SLACK_CLIENT_ID);

const { shape } = settingsSchema;

const needed = <T>(schema: z.ZodType<T>, words: string) =>
  schema.transform((value, { addIssue }): NonNullable<T> => {
    if (value !== undefined && value !== null) return value;
    addIssue(words);
    return z.NEVER;
  });

/** The rows of each workspace are in a file of their own. */
const DEFAULT_PLACE = 'sqlite:data/workspaces';

const manySchema = settingsSchema.extend({
  SLACK_BOT_TOKEN: z
    .literal(['', undefined], 'is of one workspace; take it out, or take SLACK_CLIENT_ID out')
    .optional(),
  ANTHROPIC_API_KEY: z.union([z.literal(''), shape.ANTHROPIC_API_KEY]).optional(),
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
  ),
  ENCRYPTION_KEYS: needed(shape.ENCRYPTION_KEYS, 'is missing; make a key: openssl rand -base64 32'),
  DATABASE_URL: z
    .preprocess((url) => url || DEFAULT_PLACE, shape.DATABASE_URL)
    .refine(
      (place) => place.kind === 'postgres' || !place.file.endsWith('.db'),
      'has to name a folder, such as sqlite:data/workspaces: each workspace has a file there',
    ),
});

/** @throws ConfigError */
export async function readManyConfig(environment: NodeJS.ProcessEnv): Promise<ManyConfig> {
  const { settings, common } = await readCommon(manySchema, environment, []);
  const apiUrl = settings.SLACK_API_URL;
  return {
    slack: {
      apiUrl,
      rateScale: settings.SLACK_RATE_SCALE,
      authorizeUrl: new URL('/oauth/v2/authorize', apiUrl).href,
      clientId: settings.SLACK_CLIENT_ID ?? '',
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
    ...common,
  };
}
