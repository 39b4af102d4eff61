/** Helpers for the tests of the Claude stand-in: the real client, small requests, result rows. */
import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages/messages';
import { onTestFinished } from 'vitest';
import {
  type ClaudeSim,
  type ClaudeSimOptions,
  startClaudeSim,
} from '../../../sim/claude/claude-sim.ts';

export const MODEL = 'claude-haiku-5-5';

export const VERDICT = {
  type: 'object',
  additionalProperties: false,
  required: ['category', 'sentiment', 'urgency', 'gist', 'language', 'confidence'],
  properties: {
    category: { enum: ['bug', 'feature', 'usability', 'praise', 'question', 'noise'] },
    sentiment: { enum: ['positive', 'neutral', 'negative', 'mixed'] },
    urgency: { enum: ['low', 'medium', 'high'] },
    gist: { type: 'string' },
    language: { type: 'string', description: 'ISO 639-1 code' },
    confidence: { type: 'number' },
  },
};

/** Batches wait for `endBatch` or expire, so that no test depends on time. */
export async function startSim(options: ClaudeSimOptions = {}) {
  const sim = await startClaudeSim({ batchMs: Number.POSITIVE_INFINITY, ...options });
  onTestFinished(() => sim.stop());
  return { sim, client: connect(sim) };
}

export function connect(sim: ClaudeSim): Anthropic {
  return new Anthropic({ baseURL: sim.url, apiKey: sim.apiKey, maxRetries: 0 });
}

/** Parameters that the SDK's types no longer have but tests send. */
interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
}

export function ask(
  text: string,
  more: Partial<MessageCreateParamsNonStreaming> & Sampling = {},
): MessageCreateParamsNonStreaming {
  return {
    model: MODEL,
    max_tokens: 300,
    thinking: { type: 'disabled' },
    messages: [{ role: 'user', content: `<message>${text}</message>` }],
    output_config: { format: { type: 'json_schema', schema: VERDICT } },
    ...more,
  };
}

export function askMany(count: number, text = 'The app crashes when I sync') {
  return Array.from({ length: count }, (_, index) => ({
    custom_id: `item-${index}`,
    params: ask(`${text} ${index}`),
  }));
}

export async function readRows(client: Anthropic, id: string) {
  const rows: Anthropic.Messages.MessageBatchIndividualResponse[] = [];
  for await (const row of await client.messages.batches.results(id)) rows.push(row);
  return rows;
}

/** Creates a batch, ends it and reads all its results. */
export async function runBatch(
  { sim, client }: { sim: ClaudeSim; client: Anthropic },
  requests: Anthropic.Messages.BatchCreateParams.Request[],
) {
  const { id } = await client.messages.batches.create({ requests });
  sim.endBatch(id);
  const batch = await client.messages.batches.retrieve(id);
  return { id, batch, rows: await readRows(client, id) };
}

export function textOf(row: Anthropic.Messages.MessageBatchIndividualResponse | undefined): string {
  if (row?.result.type !== 'succeeded') throw new Error(`not a success: ${row?.result.type}`);
  return row.result.message.content.map((b) => (b.type === 'text' ? b.text : '')).join('');
}
