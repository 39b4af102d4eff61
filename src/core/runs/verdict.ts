import { z } from 'zod';
import { cleanText, shorten } from '../text.ts';
import { checkAlso, listSecondCategories } from './also.ts';
import {
  findFlagRule,
  SENTIMENTS,
  type Sentiment,
  type Taxonomy,
  URGENCIES,
  type Urgency,
} from './taxonomy.ts';

/**
 * A verdict: what Claude, or a person, says about one message. This file validates Claude's answers, so
 * no other code has to check them again.
 */

export const GIST_LENGTH = 140;

/** The schema that Claude is asked to answer in. It takes lengths and ranges as hints; zod enforces them. */
export function answerSchema(taxonomy: Taxonomy) {
  const keys = taxonomy.categories.map(({ key }) => key);
  return z.object({
    category: z.enum(keys),
    sentiment: z.enum(SENTIMENTS),
    urgency: z.enum(URGENCIES),
    gist: z
      .string()
      .describe(`What the message says in one plain line, in its own language, at most 15 words`),
    language: z.string().describe('ISO 639-1 code of the language of the message, such as en'),
    confidence: z.number().describe('How sure you are of the category, from 0 to 1'),
    runner_up: z
      .enum([...new Set([...keys, 'none'])])
      .describe('The category that fits second best, or none'),
    also: z
      .enum([...new Set([...listSecondCategories(taxonomy).map(({ key }) => key), 'none'])])
      .describe('The category of the other thing that the message does, or none'),
    theme: z.string().describe('The id of the <theme> that asks for the very same thing, or none'),
  });
}

/** The theme's id in an answer, or null. The caller checks whether that theme was offered. */
function readThemeId(value: string | number): number | null {
  const digits = /^\s*(\d{1,15})\s*$/.exec(String(value))?.[1];
  return digits === undefined ? null : Number(digits);
}

// Structured outputs do not guarantee the case of enum values, so answers are compared in lower case.
const lowerCase = (value: unknown) =>
  typeof value === 'string' ? value.trim().toLowerCase() : value;

function buildLenientSchema(taxonomy: Taxonomy) {
  const { category, sentiment, urgency } = answerSchema(taxonomy).shape;
  const answer = z.object({
    category: z.preprocess(lowerCase, category),
    sentiment: z.preprocess(lowerCase, sentiment),
    urgency: z.preprocess(lowerCase, urgency),
    gist: z.string().transform((gist) => shorten(cleanText(gist), GIST_LENGTH)),
    language: z
      .string()
      .transform((code) => cleanText(code.trim().toLowerCase().slice(0, 8)))
      .catch('und'),
    confidence: z.number().transform((value) => Math.min(1, Math.max(0, value))),
    // No second category, the word none, or an answer from before this was asked.
    runner_up: z.preprocess(lowerCase, category).nullable().catch(null),
    // Likewise. What cannot be a second category is dropped; the verdict still counts.
    also: z.preprocess(lowerCase, category).nullable().catch(null),
    // An invalid theme is dropped; the verdict still counts.
    theme: z.union([z.string(), z.number()]).transform(readThemeId).catch(null),
  });
  return answer.transform((said) => ({
    ...said,
    also: checkAlso(said.also, said.category, taxonomy),
  }));
}

// Cached, because building a schema takes longer than using it.
const lenientSchemas = new WeakMap<Taxonomy, ReturnType<typeof buildLenientSchema>>();

function lenientSchemaOf(taxonomy: Taxonomy) {
  const known = lenientSchemas.get(taxonomy);
  if (known) return known;
  const schema = buildLenientSchema(taxonomy);
  lenientSchemas.set(taxonomy, schema);
  return schema;
}

export type Judgement = z.infer<ReturnType<typeof buildLenientSchema>> & { flagged: boolean };

/** A verdict as it is stored: a judgement of Claude's, or a copy of one with a person's category. */
export interface Verdict {
  id: number;
  channel: string;
  ts: string;
  /** Which text of the message it is about. */
  revision: number;
  run: number;
  taxonomy_version: number;
  category: string;
  /** The reaction of its category; null for noise. */
  emoji: string | null;
  sentiment: Sentiment;
  urgency: Urgency;
  gist: string;
  language: string;
  confidence: number;
  /** The category that Claude held to be the second likeliest; null: none. */
  runner_up: string | null;
  /** The category of the other thing that the message does; null: it does one. */
  also: string | null;
  flagged: number;
  model: string;
  created_at: number;
  /** Who chose the category; null: Claude. */
  person: string | null;
  theme: number | null;
}

const usageSchema = z.object({
  input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
  cache_creation_input_tokens: z.number().int().nonnegative().nullish(),
  cache_read_input_tokens: z.number().int().nonnegative().nullish(),
  cache_creation: z
    .object({
      ephemeral_5m_input_tokens: z.number().int().nonnegative(),
      ephemeral_1h_input_tokens: z.number().int().nonnegative(),
    })
    .nullish(),
});
export type Usage = z.infer<typeof usageSchema>;

/** What Claude billed for an answer. */
export interface Cost {
  inputTokens: number;
  outputTokens: number;
  /** In 10⁻⁹ US dollars; null when the price of the model is not known. */
  nanoUsd: number | null;
}

const messageSchema = z.looseObject({
  model: z.string(),
  stop_reason: z.string().nullable(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  usage: usageSchema,
});

/** A line of a batch's results: https://platform.claude.com/docs/en/api/retrieving-message-batch-results */
const resultSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('succeeded'), message: messageSchema }),
  z.looseObject({
    type: z.literal('errored'),
    error: z.looseObject({
      error: z.looseObject({ type: z.string(), message: z.string().catch('') }),
    }),
  }),
  z.looseObject({ type: z.literal('canceled') }),
  z.looseObject({ type: z.literal('expired') }),
]);

export const resultLineSchema = z.looseObject({ custom_id: z.string(), result: z.unknown() });

/**
 * What a result means for its message.
 * `again`: there is no usable answer. `counts` is true when the message itself is at fault (a refusal,
 * a bad answer), which uses up a try, and false otherwise (expired, canceled, Claude overloaded). An
 * answer that was billed has its usage and model either way.
 */
export type Reading =
  | { kind: 'judged'; judgement: Judgement; usage: Usage; model: string }
  | {
      kind: 'again';
      reason: string;
      counts: boolean;
      /** Claude never came to it. */
      unasked?: true;
      usage?: Usage;
      model?: string;
    };

/** Reads one result of a batch. Never throws, whatever the result is. */
export function readResult(result: unknown, taxonomy: Taxonomy): Reading {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) return { kind: 'again', reason: 'not understood', counts: true };
  switch (parsed.data.type) {
    case 'expired':
      return {
        kind: 'again',
        reason: 'expired before Claude came to it',
        counts: false,
        unasked: true,
      };
    case 'canceled':
      return { kind: 'again', reason: 'canceled', counts: false, unasked: true };
    case 'errored': {
      const { type, message } = parsed.data.error.error;
      // Only an invalid request would fail again in the same way.
      const counts = type === 'invalid_request_error' || type === 'request_too_large';
      return { kind: 'again', reason: shorten(cleanText(`${type}: ${message}`), 200), counts };
    }
    case 'succeeded':
      return readMessage(parsed.data.message, taxonomy);
    default:
      return parsed.data satisfies never;
  }
}

const MODEL_LENGTH = 80;

function readMessage(message: z.infer<typeof messageSchema>, taxonomy: Taxonomy): Reading {
  const { usage } = message;
  const model = shorten(cleanText(message.model), MODEL_LENGTH);
  const again = (reason: string): Reading => ({
    kind: 'again',
    reason,
    counts: true,
    usage,
    model,
  });
  const read = readJson(message);
  if (read.kind === 'bad') return again(read.reason);
  const answer = lenientSchemaOf(taxonomy).safeParse(read.json);
  if (!answer.success) return again(SCHEMA_MISMATCH);
  const flagged = findFlagRule(taxonomy, answer.data) !== undefined;
  return { kind: 'judged', judgement: { ...answer.data, flagged }, usage, model };
}

export const SCHEMA_MISMATCH = 'an answer that does not fit the schema';

type Json = { kind: 'json'; json: unknown } | { kind: 'bad'; reason: string };

function readJson(message: z.infer<typeof messageSchema>): Json {
  const bad = (reason: string): Json => ({ kind: 'bad', reason });
  if (message.stop_reason === 'refusal') return bad('Claude declined to answer');
  if (message.stop_reason === 'max_tokens') return bad('the answer was cut off');
  // The first block may be `thinking`, so pick the block by type, not by position.
  const text = message.content.find(({ type }) => type === 'text')?.text;
  if (text === undefined) return bad('an answer without text');
  try {
    return { kind: 'json', json: JSON.parse(text) };
  } catch {
    return bad('an answer that is not JSON');
  }
}

/** Reads a message from Claude that should be JSON. Never throws, whatever the message is. */
export function readAnswer(message: unknown): Json & { usage?: Usage } {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success) return { kind: 'bad', reason: 'not understood' };
  return { ...readJson(parsed.data), usage: parsed.data.usage };
}
