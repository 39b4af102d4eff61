import { hash } from 'node:crypto';
import type { BatchRequest, Privacy } from '../../src/claude/outgoing.ts';
import { cacheTtl } from '../../src/claude/pricing.ts';
import { buildRequests } from '../../src/claude/prompt.ts';
import type { Lane } from '../../src/core/runs/lane.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import type { Example } from '../../src/store/people/examples.ts';
import type { GoldMessage } from '../gold/message.ts';

/** A message as Claude is asked about it: the bot's own request. */
export interface Question {
  message: GoldMessage;
  /** The same for the same model, instructions, taxonomy, examples and message. */
  key: string;
  params: BatchRequest['params'];
  /** How many examples are shown with it. */
  examples: number;
}

/**
 * Builds the requests of a lane.
 * @param examplesOf those that are shown with a message
 */
export async function buildQuestions(
  messages: GoldMessage[],
  {
    examplesOf,
    lane,
    ...prompt
  }: {
    examplesOf: (message: GoldMessage) => Example[];
    lane: Lane;
    taxonomy: Taxonomy;
    model: string;
    nameOf: (user: string) => string | undefined;
    privacy: Privacy;
  },
): Promise<Question[]> {
  const prompts = messages.map(({ channel, ts, text, replies }, index) => ({
    channel,
    ts,
    run: 1,
    text,
    replies,
    examples: examplesOf(messages[index] as GoldMessage),
    themes: [],
  }));
  const requests = await buildRequests(prompts, {
    ...prompt,
    ttl: cacheTtl(messages.length, lane),
    // Nobody waits for this process meanwhile.
    pause: async () => {},
  });
  return messages.flatMap((message, index) => {
    const params = requests[index]?.params;
    if (!params) return [];
    const examples = prompts[index]?.examples.length ?? 0;
    return { message, key: keyOf(params), params, examples };
  });
}

/** What a request asks, whether or not its prompt is cached. */
export function keyOf(params: BatchRequest['params']): string {
  const asked = JSON.stringify(params, (name, value) =>
    name === 'cache_control' ? undefined : value,
  );
  return hash('sha256', asked).slice(0, 32);
}
