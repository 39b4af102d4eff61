/**
 * Creates the answer to a request **from recorded verdicts and simple keyword rules** (keyword-rules.ts),
 * not by a model. Its id, which starts with `msg_sim_`, and its `model` show that.
 */
import { hash } from 'node:crypto';
import type { Twist } from './faults.ts';
import { readItems } from './group-items.ts';
import { judge } from './judge.ts';
import { extractJudgedText, fillAnswer } from './keyword-rules.ts';
import { findModel } from './models.ts';
import { isSchema, type JsonSchema, listSchemas, resolveRef } from './output-schema.ts';
import type { MessageParams } from './params.ts';
import { estimateTokens, type InputUse } from './prompt-cache.ts';

const PLAIN = 'This is a simulation of the Claude service: no model has read this.';
const THOUGHT = 'Simulated thinking: I count keywords of each category and take the best.';

type StopReason = 'end_turn' | 'max_tokens' | 'refusal';
type ContentBlock =
  | { type: 'text'; text: string; citations: null }
  | { type: 'thinking'; thinking: string; signature: string };

export type SimMessage = ReturnType<typeof makeMessage>;

/** The text that a request wants judged: the last user message, or the last tag in it. */
export function readJudgedText(params: MessageParams): string {
  return extractJudgedText(readPrompt(params));
}

function readPrompt(params: MessageParams): string {
  const content = params.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
}

/** The same `seed` gives the same id and the same length of thinking. */
export function makeMessage(
  params: MessageParams,
  use: InputUse,
  tier: 'batch' | 'standard',
  seed: string,
  twist?: Twist,
) {
  const { content, stop, thought, spoken } = writeContent(params, seed, twist);
  return {
    id: `msg_sim_${hash('sha1', seed, 'hex').slice(0, 24)}`,
    type: 'message' as const,
    role: 'assistant' as const,
    model: nameModel(params),
    content,
    stop_reason: stop,
    stop_sequence: null,
    stop_details:
      stop === 'refusal'
        ? { type: 'refusal' as const, category: null, explanation: 'Simulated refusal.' }
        : null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: use.input,
      output_tokens: thought + spoken,
      cache_creation_input_tokens: use.written5m + use.written1h,
      cache_read_input_tokens: use.read,
      cache_creation: {
        ephemeral_5m_input_tokens: use.written5m,
        ephemeral_1h_input_tokens: use.written1h,
      },
      output_tokens_details: { thinking_tokens: thought },
      server_tool_use: null,
      inference_geo: null,
      service_tier: tier,
      speed: null,
    },
  };
}

/** Names what has answered in place of the model: recorded verdicts or keyword rules. */
function nameModel(params: MessageParams): string {
  if (!isSchema(params.output_config?.format?.schema)) return params.model;
  return judge(readJudgedText(params)).source;
}

function writeContent(params: MessageParams, seed: string, twist: Twist | undefined) {
  const limit = params.max_tokens;
  if (twist === 'refusal') {
    return { content: [] as ContentBlock[], stop: 'refusal' as StopReason, thought: 0, spoken: 1 };
  }
  const content: ContentBlock[] = [];
  let thought = 0;
  if (thinks(params) || twist === 'thinking_first') {
    // 60 to 187 tokens: enough to use up a max_tokens that fits the answer alone.
    const length = 60 + (Number.parseInt(hash('sha1', seed, 'hex').slice(0, 2), 16) >> 1);
    thought = Math.min(length, limit);
    const signature = Buffer.from(`simulated ${seed}`).toString('base64');
    content.push({ type: 'thinking', thinking: THOUGHT, signature });
  }
  const text = writeText(params, twist);
  const wanted = estimateTokens(text);
  const room = limit - thought;
  if (twist !== 'max_tokens' && wanted <= room) {
    content.push({ type: 'text', text, citations: null });
    return { content, stop: 'end_turn' as StopReason, thought, spoken: wanted };
  }
  const cut = twist === 'max_tokens' ? text.slice(0, text.length >> 1) : text;
  const shown = cut.slice(0, room * 4);
  if (shown !== '') content.push({ type: 'text', text: shown, citations: null });
  return { content, stop: 'max_tokens' as StopReason, thought, spoken: room };
}

function thinks({ model, thinking }: MessageParams): boolean {
  if (thinking !== undefined) return thinking.type !== 'disabled';
  return findModel(model)?.thinksByDefault ?? false;
}

function writeText(params: MessageParams, twist: Twist | undefined): string {
  const schema = params.output_config?.format?.schema;
  if (!isSchema(schema)) return PLAIN;
  const judged = readJudgedText(params);
  if (twist === 'not_json') return `I read the message: ${judged.slice(0, 80)}. It is feedback.`;
  if (twist === 'wrong_schema') return JSON.stringify({ simulated: true, verdict: 'unknown' });
  const items = readItems(readPrompt(params));
  const answer = fillAnswer(judged, schema, { items, strange: twist === 'strange_ids' });
  if (twist === 'enum_case') return JSON.stringify(raiseEnums(answer, schema, schema));
  const json = JSON.stringify(answer);
  return twist === 'fenced' ? `\`\`\`json\n${json}\n\`\`\`` : json;
}

/** The answer with enum values in capitals: the service does not guarantee their case. */
function raiseEnums(value: unknown, schema: JsonSchema, root: JsonSchema): unknown {
  const target = schema.$ref === undefined ? schema : resolveRef(root, schema.$ref);
  if (target === undefined) return value;
  if (typeof value === 'string') {
    const listed = [target, ...listSchemas(target.anyOf)].some(
      (one) => Array.isArray(one.enum) && one.enum.includes(value),
    );
    return listed ? value.toUpperCase() : value;
  }
  if (Array.isArray(value)) {
    const { items } = target;
    return isSchema(items) ? value.map((item) => raiseEnums(item, items, root)) : value;
  }
  if (!isSchema(value)) return value;
  const children = isSchema(target.properties) ? target.properties : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const child = children[key];
      return [key, isSchema(child) ? raiseEnums(item, child, root) : item];
    }),
  );
}
