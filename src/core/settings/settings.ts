import { z } from 'zod';
import type { PeopleEmoji } from '../people/acts.ts';
import { canonicalEmoji } from '../people/emoji.ts';
import { type Taxonomy, taxonomySchema } from '../runs/taxonomy.ts';
import { isTimeZone } from '../zones.ts';

/**
 * What people can set in Slack. The environment has the same settings; those saved in Slack override it.
 */
export const savedSettingsSchema = z.strictObject({
  /** A cron pattern. */
  summarySchedule: z.string().min(1),
  /** A cron pattern; null: never. */
  classifySchedule: z.string().min(1).nullable(),
  /** An IANA name, for both schedules. */
  timeZone: z.string().refine(isTimeZone),
  taxonomy: taxonomySchema,
  /** null: no reminders. */
  remindAfterMs: z.number().positive().nullable(),
  closeTheLoop: z.boolean(),
  /** Whether each new message is judged at once, or with the next run. */
  asTheyCome: z.boolean().default(false),
});

export type Settings = z.infer<typeof savedSettingsSchema>;

/** Settings that only the server's environment can change. */
export interface ServerSettings {
  /** What people's reactions mean, and which one is the bot's flag. */
  emoji: PeopleEmoji;
  model: string;
  /** Whether private parts of what people wrote are replaced before Claude sees it. */
  redact: boolean;
  /** Texts older than this are forgotten, in ms; null: they are kept. */
  retentionMs: number | null;
  batchPollMs: number;
  /** A run that a person asks for and that costs less than this, in US dollars, is judged at once. */
  expressUpToUsd: number;
  /** What a month may cost at Claude, in US dollars; null: no limit. */
  monthlyBudgetUsd: number | null;
  /** How long a summary waits for its last results after it was due. */
  summaryLatenessMs: number;
  /** How many messages that need attention get a card in the thread of their summary. */
  needsShown: number;
  /** People are asked about verdicts less sure than this, from 0 to 1; 0: about none. */
  unsureBelow: number;
  /** Channels to watch; empty: every channel that the bot is a member of. */
  feedbackChannels: readonly string[];
  /** The environment's values for what can be set in Slack. They apply until somebody saves others. */
  defaults: Settings;
}

/** All settings in force. A snapshot: a change replaces it as a whole. */
export interface ActiveSettings extends Readonly<Settings>, Readonly<ServerSettings> {
  /** The version of `taxonomy` in the database. New runs use it. */
  readonly taxonomyVersion: number;
}

/** What an emoji is used for: an act by reaction, or a category (its key). */
export type EmojiUse = { act: keyof PeopleEmoji } | { category: string };

/** Finds emoji with more than one meaning. A reaction has to mean one thing. */
export function findEmojiClashes(
  emoji: PeopleEmoji,
  taxonomy: Pick<Taxonomy, 'categories'>,
): { emoji: string; uses: EmojiUse[] }[] {
  const uses: { name: string; use: EmojiUse }[] = [
    ...Object.entries(emoji).map(([act, name]) => ({
      name,
      use: { act: act as keyof PeopleEmoji },
    })),
    ...taxonomy.categories.flatMap(({ key, emoji: name }) =>
      name ? [{ name, use: { category: key } }] : [],
    ),
  ];
  return [...Map.groupBy(uses, ({ name }) => canonicalEmoji(name))].flatMap(([name, users]) =>
    users.length < 2 ? [] : [{ emoji: name, uses: users.map(({ use }) => use) }],
  );
}
