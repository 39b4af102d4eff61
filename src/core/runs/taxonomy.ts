import { z } from 'zod';
import { EMOJI_NAME } from '../people/emoji.ts';

/**
 * The taxonomy: the categories that a message can get, and the rules that flag a message. It is both a
 * setting (a YAML file, or saved in Slack) and part of the prompt; its shape is checked here, once.
 */

export const SENTIMENTS = ['positive', 'neutral', 'negative'] as const;
export const URGENCIES = ['low', 'medium', 'high'] as const;
export type Sentiment = (typeof SENTIMENTS)[number];
export type Urgency = (typeof URGENCIES)[number];

const emojiName = z
  .string()
  .regex(EMOJI_NAME, 'an emoji name as Slack writes it, without colons, such as bug');

const categorySchema = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'lower-case letters, digits and _'),
  name: z.string().min(1).max(40),
  /** The bot's reaction. A category without one is noise: its messages are only counted and listed. */
  emoji: emojiName.optional(),
  meaning: z.string().min(10).max(400),
  /** What looks like it and belongs elsewhere. */
  not: z.string().min(3).max(400).optional(),
});

const flagRuleSchema = z
  .strictObject({
    category: z.string().optional(),
    urgency: z.enum(URGENCIES).optional(),
    sentiment: z.enum(SENTIMENTS).optional(),
  })
  .refine((rule) => Object.keys(rule).length > 0, 'a rule names at least one thing');

export const taxonomySchema = z
  .strictObject({
    categories: z.array(categorySchema).min(2).max(20),
    /** A message is flagged when one of these rules matches in everything that it names. */
    flagged_when: z.array(flagRuleSchema).max(20),
  })
  .superRefine(({ categories, flagged_when }, context) => {
    const keys = categories.map(({ key }) => key);
    const emoji = categories.flatMap((category) => category.emoji ?? []);
    for (const [what, values] of [
      ['category', keys],
      ['emoji', emoji],
    ] as const) {
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice) context.addIssue({ code: 'custom', message: `the ${what} ${twice} stands twice` });
    }
    for (const { category } of flagged_when) {
      if (category !== undefined && !keys.includes(category)) {
        context.addIssue({ code: 'custom', message: `flagged_when: no category ${category}` });
      }
    }
  });

export type Taxonomy = z.infer<typeof taxonomySchema>;
export type Category = z.infer<typeof categorySchema>;

export const DEFAULT_TAXONOMY: Taxonomy = {
  categories: [
    {
      key: 'bug',
      name: 'Bug',
      emoji: 'bug',
      meaning:
        'Something is broken, fails, crashes, loses data or gives wrong results, or worked before and no longer does.',
      not: 'What was removed, limited or made to cost money on purpose; what was never supported; a dislike of how something is done.',
    },
    {
      key: 'feature_request',
      name: 'Feature request',
      emoji: 'bulb',
      meaning:
        'Asks for something that the product does not do or support, or no longer does, or wishes that it did otherwise.',
      not: 'What is there and fails.',
    },
    {
      key: 'usability',
      name: 'Usability',
      emoji: 'confounded',
      meaning: 'It works, but it is confusing, slow, ugly, laborious or hard to find.',
      not: 'What does not work at all; a function or option that is missing.',
    },
    {
      key: 'praise',
      name: 'Praise',
      emoji: 'tada',
      meaning: 'Says that something is good, without asking for anything.',
      not: 'Praise with a "but": what follows it counts.',
    },
    {
      key: 'question',
      name: 'Question',
      emoji: 'question',
      meaning: 'Asks how something works, or whether or when something will be there.',
    },
    {
      key: 'noise',
      name: 'Not feedback',
      meaning:
        'Nothing that a product team could learn from: chatter, greetings, tests, advertising, fragments.',
      not: 'A message that names what is good or bad, however short or rude.',
    },
  ],
  flagged_when: [
    { urgency: 'high' },
    { category: 'bug', urgency: 'medium', sentiment: 'negative' },
  ],
};

/** Finds the rule that flags a judgement. Noise is never flagged: nobody has to act on it. */
export function findFlagRule(
  taxonomy: Taxonomy,
  judgement: { category: string; urgency: Urgency; sentiment: Sentiment },
): Taxonomy['flagged_when'][number] | undefined {
  const category = taxonomy.categories.find(({ key }) => key === judgement.category);
  if (!category?.emoji) return undefined;
  return taxonomy.flagged_when.find(
    (rule) =>
      (rule.category ?? judgement.category) === judgement.category &&
      (rule.urgency ?? judgement.urgency) === judgement.urgency &&
      (rule.sentiment ?? judgement.sentiment) === judgement.sentiment,
  );
}

/** A flag rule in words for people: "bug, medium urgency, negative sentiment". */
export function describeFlagRule(
  taxonomy: Taxonomy,
  rule: Taxonomy['flagged_when'][number],
): string {
  const category = taxonomy.categories.find(({ key }) => key === rule.category);
  return [
    category?.name.toLowerCase(),
    rule.urgency && `${rule.urgency} urgency`,
    rule.sentiment && `${rule.sentiment} sentiment`,
  ]
    .filter(Boolean)
    .join(', ');
}
