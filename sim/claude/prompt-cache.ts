/**
 * Counts tokens (about four characters each) and simulates the prompt cache: the first request with a
 * prefix writes it, later ones read it until it expires. In batches cache hits are best effort, as
 * with the service.
 */
import { hash } from 'node:crypto';
import { findModel } from './models.ts';
import type { Block, CountParams } from './params.ts';

const HOUR = 3_600_000;

/** The input side of `usage`, in tokens. */
export interface InputUse {
  input: number;
  read: number;
  written5m: number;
  written1h: number;
}

export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

interface Part {
  text: string;
  ttl: '5m' | '1h' | undefined;
}

/** The whole prompt in the order of the cache: tools, system, messages. */
function readParts(params: CountParams): Part[] {
  const { tools = [], system = [], messages } = params;
  const parts: Part[] = tools.map((tool) => ({
    text: JSON.stringify(tool),
    ttl: readTtl(tool),
  }));
  parts.push(...readBlocks(system, ''));
  for (const { role, content } of messages) parts.push(...readBlocks(content, role));
  const last = parts.at(-1);
  if (last !== undefined && last.ttl === undefined) last.ttl = readTtl(params);
  return parts;
}

function readBlocks(content: string | readonly Block[], role: string): Part[] {
  if (typeof content === 'string') return [{ text: `${role}${content}`, ttl: undefined }];
  return content.map((block) => ({
    text: `${role}${block.text ?? JSON.stringify(block)}`,
    ttl: readTtl(block),
  }));
}

function readTtl(marked: Pick<CountParams, 'cache_control'>): '5m' | '1h' | undefined {
  return marked.cache_control ? (marked.cache_control.ttl ?? '5m') : undefined;
}

function readFormat(params: CountParams): string {
  const format = params.output_config?.format;
  return format ? JSON.stringify(format.schema) : '';
}

/** All input tokens, including those of the output format. */
export function countInputTokens(params: CountParams): number {
  const format = readFormat(params);
  const parts = readParts(params);
  return parts.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(format));
}

/** When a prefix can be read, ms since 1970. */
interface Life {
  from: number;
  until: number;
}

export class PromptCache {
  readonly #lives = new Map<string, Life>();

  /**
   * What a request reads and writes. `missed` simulates a cold cache. What it writes can be read from
   * its answer on: requests that are sent at once all write.
   */
  use(params: CountParams, now: number, missed: boolean, answeredAt = now): InputUse {
    const { use, lives } = this.#look(params, now, missed);
    for (const [key, ms] of lives) {
      const before = this.#lives.get(key);
      const from = before && before.until > now ? Math.min(before.from, answeredAt) : answeredAt;
      this.#lives.set(key, { from, until: answeredAt + ms });
    }
    return use;
  }

  /** What it would read and write if it was sent now; nothing is written. */
  measure(params: CountParams, now: number): InputUse {
    return this.#look(params, now, false).use;
  }

  #look(params: CountParams, now: number, missed: boolean) {
    const lives: [key: string, ms: number][] = [];
    const format = readFormat(params);
    const parts = readParts(params);
    // Another model, format or thinking setting is another prefix.
    let key = `${params.model}|${params.thinking?.type ?? ''}|${format}`;
    let tokens = 0;
    let read = 0;
    let end = { tokens: 0, ttl: '5m' };
    const least = findModel(params.model)?.minCacheTokens ?? 1024;
    for (const { text, ttl } of parts) {
      tokens += estimateTokens(text);
      if (!parts.some((part) => part.ttl !== undefined)) continue;
      key = hash('sha1', `${key}|${text}`, 'base64');
      if (ttl === undefined || tokens < least) continue;
      end = { tokens, ttl };
      const life = this.#lives.get(key);
      if (!missed && life && life.from <= now && now < life.until) read = tokens;
      lives.push([key, ttl === '1h' ? HOUR : HOUR / 12]);
    }
    const written = end.tokens - read;
    const use: InputUse = {
      input: tokens - end.tokens + estimateTokens(format),
      read,
      written5m: end.ttl === '5m' ? written : 0,
      written1h: end.ttl === '1h' ? written : 0,
    };
    return { use, lives };
  }
}
