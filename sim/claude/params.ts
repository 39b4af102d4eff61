/**
 * Checks a request's parameters as the service does. `POST /v1/messages` refuses bad ones at once; a
 * batch is accepted unread and has the same errors as item results at its end.
 */
import { z } from 'zod';
import { type ApiError, invalidRequest, notFound } from './errors.ts';
import { findModel, lifecycleOf, type SimModel } from './models.ts';
import { findSchemaFault, isSchema } from './output-schema.ts';

const cacheControl = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .nullable()
  .optional();
// Blocks other than text (images, documents, tool results) are accepted unchecked.
const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  cache_control: cacheControl,
});
const message = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string(), z.array(block)]),
});
const thinking = z.looseObject({
  type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
  budget_tokens: z.int().optional(),
});
const outputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullable().optional(),
  format: z
    .strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) })
    .nullable()
    .optional(),
});
const counted = {
  model: z.string(),
  messages: z.array(message),
  system: z.union([z.string(), z.array(block)]).optional(),
  thinking: thinking.optional(),
  output_config: outputConfig.optional(),
  tools: z.array(z.looseObject({ cache_control: cacheControl })).optional(),
  tool_choice: z.unknown().optional(),
  cache_control: cacheControl,
  user_profile_id: z.unknown().optional(),
};
const countParams = z.strictObject(counted);
const messageParams = z.strictObject({
  ...counted,
  max_tokens: z.int().min(0),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(z.string()).optional(),
  stream: z.boolean().optional(),
  metadata: z.unknown().optional(),
  service_tier: z.unknown().optional(),
  inference_geo: z.unknown().optional(),
  container: z.unknown().optional(),
  diagnostics: z.unknown().optional(),
  speed: z.unknown().optional(),
});

export type MessageParams = z.infer<typeof messageParams>;
export type CountParams = z.infer<typeof countParams>;
export type Block = z.infer<typeof block>;
export type Checked<T> = { kind: 'valid'; params: T } | { kind: 'invalid'; error: ApiError };

export function checkMessageParams(raw: unknown, now: number): Checked<MessageParams> {
  const parsed = messageParams.safeParse(raw);
  if (!parsed.success) return invalid(wordIssue(parsed.error.issues[0], raw));
  // The schema transforms nothing, so the original is returned: 100,000 copies would cost memory.
  const params = raw as MessageParams;
  const model = findModel(params.model);
  if (model === undefined || lifecycleOf(model, now) === 'retired') {
    return { kind: 'invalid', error: notFound(`model: ${params.model}`) };
  }
  const fault =
    findModelFault(params, model) ??
    findThinkingFault(params) ??
    findContentFault(params) ??
    findCacheFault(params) ??
    findFormatFault(params);
  return fault === undefined ? { kind: 'valid', params } : invalid(fault);
}

export function checkCountParams(raw: unknown, now: number): Checked<CountParams> {
  const parsed = countParams.safeParse(raw);
  if (!parsed.success) return invalid(wordIssue(parsed.error.issues[0], raw));
  const params = parsed.data;
  const model = findModel(params.model);
  if (model === undefined || lifecycleOf(model, now) === 'retired') {
    return { kind: 'invalid', error: notFound(`model: ${params.model}`) };
  }
  const fault = findContentFault(params) ?? findCacheFault(params) ?? findFormatFault(params);
  return fault === undefined ? { kind: 'valid', params } : invalid(fault);
}

function invalid(fault: string): { kind: 'invalid'; error: ApiError } {
  return { kind: 'invalid', error: invalidRequest(fault) };
}

function findModelFault(params: MessageParams, model: SimModel): string | undefined {
  if (params.max_tokens > model.maxOutputTokens) {
    return `max_tokens: ${params.max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`;
  }
  for (const name of ['temperature', 'top_p', 'top_k'] as const) {
    if (model.refusesSampling && params[name] !== undefined) {
      return `\`${name}\` is deprecated for this model.`;
    }
  }
  if (model.refusesPrefill && params.messages.at(-1)?.role === 'assistant') {
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  }
  return undefined;
}

function findThinkingFault(params: MessageParams): string | undefined {
  if (params.thinking?.type === 'between_tools') {
    return 'thinking.type: between_tools is not supported by this model';
  }
  if (params.thinking?.type !== 'enabled') return undefined;
  const budget = params.thinking.budget_tokens;
  if (budget === undefined) return 'thinking.enabled.budget_tokens: Field required';
  if (budget < 1024) {
    return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  }
  if (budget >= params.max_tokens) {
    return '`max_tokens` must be greater than `thinking.budget_tokens`.';
  }
  return undefined;
}

function findContentFault(params: CountParams): string | undefined {
  const { messages } = params;
  if (messages.length === 0) return 'messages: at least one message is required';
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [index, { role, content }] of messages.entries()) {
    const prefill = role === 'assistant' && index === messages.length - 1;
    if (content.length === 0 && !prefill) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
    const texts = typeof content === 'string' ? [content] : textsOf(content);
    if (texts.some((text) => text.trim() === '') && !prefill) {
      return 'messages: text content blocks must contain non-whitespace text';
    }
  }
  if (Array.isArray(params.system) && textsOf(params.system).includes('')) {
    return 'system: text content blocks must be non-empty';
  }
  return undefined;
}

function textsOf(blocks: readonly Block[]): string[] {
  return blocks.filter(({ type }) => type === 'text').map(({ text }) => text ?? '');
}

function findCacheFault(params: CountParams): string | undefined {
  const marked = [
    ...(params.tools ?? []),
    ...(Array.isArray(params.system) ? params.system : []),
    ...params.messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])),
    params,
  ].flatMap(({ cache_control }) => (cache_control ? [cache_control.ttl ?? '5m'] : []));
  if (marked.length > 4) {
    return `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`;
  }
  if (marked.includes('5m') && marked.lastIndexOf('1h') > marked.indexOf('5m')) {
    return "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.";
  }
  return undefined;
}

function findFormatFault(params: CountParams): string | undefined {
  const schema = params.output_config?.format?.schema;
  return isSchema(schema) ? findSchemaFault(schema) : undefined;
}

/** Describes a zod issue in the service's words: `path: what is wrong`. */
function wordIssue(issue: z.core.$ZodIssue | undefined, raw: unknown): string {
  if (issue === undefined) return 'Invalid request';
  const path = issue.path.map(String);
  const say = (text: string) => (path.length === 0 ? text : `${path.join('.')}: ${text}`);
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${[...path, issue.keys[0]].join('.')}: Extra inputs are not permitted`;
    case 'invalid_value':
      if (readAt(raw, path) === undefined) return say('Field required');
      return say(
        `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`,
      );
    case 'too_small':
      return say(`Input should be greater than or equal to ${issue.minimum}`);
    case 'too_big':
      return say(`Input should be less than or equal to ${issue.maximum}`);
    case 'invalid_type': {
      if (readAt(raw, path) === undefined) return say('Field required');
      const words: Record<string, string> = { object: 'dictionary', array: 'list', int: 'integer' };
      return say(`Input should be a valid ${words[issue.expected] ?? issue.expected}`);
    }
    default:
      return say(readAt(raw, path) === undefined ? 'Field required' : 'Input is not valid');
  }
}

function readAt(raw: unknown, path: readonly string[]): unknown {
  let at = raw;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.entries(at).find(([key]) => key === step)?.[1];
  }
  return at;
}
