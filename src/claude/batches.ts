import Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../core/clock.ts';
import { findErrorCode } from '../core/error-code.ts';
import type { BatchRequest } from './prompt.ts';

/**
 * Outgoing Claude: Message Batches. Every call is made once; the run's stages decide what follows.
 */

export type Claude = Anthropic;

export function createClaude({
  apiKey,
  baseUrl,
}: {
  apiKey: string;
  baseUrl: string | undefined;
}): Claude {
  return new Anthropic({
    apiKey,
    // The SDK would look for these two in the environment, which config.ts alone reads.
    authToken: null,
    baseURL: baseUrl ?? null,
    // No idempotency: a repeated `create` is a second batch, and billed.
    maxRetries: 0,
    timeout: 60_000,
  });
}

export type ClaudeAnswer<T> =
  | { kind: 'ok'; value: T }
  /** Claude has said no to this request; asking again as it is would change nothing. */
  | { kind: 'refused'; reason: string; status: number }
  /** Not now. Nothing was done. */
  | { kind: 'later'; reason: string; afterMs: number | null }
  /** Nobody may spend any more, or the key is no good: until a person mends it. */
  | { kind: 'blocked'; reason: string; mend: 'key' | 'budget' }
  /** It may have been done: look before asking again. */
  | { kind: 'unclear'; reason: string };

export async function ask<T>(work: () => Promise<T>): Promise<ClaudeAnswer<T>> {
  try {
    return { kind: 'ok', value: await work() };
  } catch (error) {
    return readFailure(error);
  }
}

function readFailure(error: unknown): Exclude<ClaudeAnswer<never>, { kind: 'ok' }> {
  if (error instanceof Anthropic.APIConnectionError) {
    // Nothing listened there: nothing can have been done.
    const code = findErrorCode(error);
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return { kind: 'later', reason: `Claude cannot be reached (${code})`, afterMs: null };
    }
    return { kind: 'unclear', reason: code ?? error.message };
  }
  if (!(error instanceof Anthropic.APIError) || error.status === undefined) throw error;
  const { status, type } = error;
  const reason = `Claude answered ${status}${type ? ` ${type}` : ''}`;
  if (status === 401 || status === 403) return { kind: 'blocked', reason, mend: 'key' };
  if (isSpendLimit(error)) {
    return { kind: 'blocked', reason: 'the spend limit at Anthropic is reached', mend: 'budget' };
  }
  if (status === 429) {
    const seconds = Number(error.headers?.get('retry-after'));
    return { kind: 'later', reason, afterMs: seconds > 0 ? seconds * 1000 : null };
  }
  // A 529 says overloaded, but not at which point.
  if (status >= 500 || status === 408) return { kind: 'unclear', reason };
  return { kind: 'refused', reason, status };
}

/** A cap is a 429 without `retry-after`, or, for a limit of one's own, a 400 that says so. */
function isSpendLimit({ status, message }: { status: number; message: string }): boolean {
  return (
    (status === 429 || status === 400) && /spend[_ ]limit|usage limit|credit balance/i.test(message)
  );
}

export interface ClaudeBatch {
  id: string;
  status: 'in_progress' | 'canceling' | 'ended';
  /** ms */
  createdAt: number;
  requests: number;
}

function toBatch(batch: Anthropic.Messages.MessageBatch): ClaudeBatch {
  const { processing, succeeded, errored, canceled, expired } = batch.request_counts;
  return {
    id: batch.id,
    status: batch.processing_status,
    createdAt: Date.parse(batch.created_at),
    requests: processing + succeeded + errored + canceled + expired,
  };
}

export function createBatch(
  claude: Claude,
  requests: BatchRequest[],
): Promise<ClaudeAnswer<ClaudeBatch>> {
  return ask(async () => toBatch(await claude.messages.batches.create({ requests })));
}

export function retrieveBatch(claude: Claude, id: string): Promise<ClaudeAnswer<ClaudeBatch>> {
  return ask(async () => toBatch(await claude.messages.batches.retrieve(id)));
}

/** Asks Claude to end a batch early: what is done stays done, the rest comes back as canceled. */
export function cancelBatch(claude: Claude, id: string): Promise<ClaudeAnswer<ClaudeBatch>> {
  return ask(async () => toBatch(await claude.messages.batches.cancel(id)));
}

/** Claude's clock and ours need not agree to the second. */
const CLOCK_SKEW_MS = 60_000;

/**
 * The batches that a `create` may have made although its answer was lost: as many requests, made
 * since then, and not known otherwise. Whose it is only shows in its custom_ids once it has ended.
 * @param since when `create` was begun, in ms
 */
export function listOrphans(
  claude: Claude,
  { since, requests, known }: { since: number; requests: number; known: Set<string> },
): Promise<ClaudeAnswer<ClaudeBatch[]>> {
  return ask(async () => {
    const orphans: ClaudeBatch[] = [];
    // Newest first, over all pages, until they are older than the try.
    for await (const entry of claude.messages.batches.list({ limit: 100 })) {
      const batch = toBatch(entry);
      if (batch.createdAt < since - CLOCK_SKEW_MS) break;
      if (batch.requests === requests && !known.has(batch.id)) orphans.push(batch);
    }
    return orphans;
  });
}

/** A stream that brings nothing for so long is dead: the client's timeout covers headers only. */
const IDLE_MS = 60_000;

export type ResultsEnd =
  /** Or a clean early end: they look the same. */
  | { kind: 'ended' }
  /** By anything from a TypeError or SyntaxError to a DOMException. */
  | { kind: 'broken'; error: unknown }
  /** They never began. */
  | { kind: 'unavailable'; answer: Exclude<ClaudeAnswer<never>, { kind: 'ok' }> };

/**
 * The lines of a batch's results, as they come. A clean early end cannot be told from the whole, so
 * the caller compares with what was asked.
 */
export async function* readResults(
  claude: Claude,
  id: string,
  clock: Clock,
): AsyncGenerator<unknown, ResultsEnd> {
  const watchdog = new AbortController();
  const ended = new AbortController();
  let rows = 0;
  const watch = async () => {
    let seen = -1;
    while (!ended.signal.aborted) {
      if (seen === rows) return watchdog.abort(new Error('the results stopped coming'));
      seen = rows;
      await clock.sleep(IDLE_MS, ended.signal);
    }
  };
  const watching = watch();
  try {
    const lines = await claude.messages.batches.results(id, {}, { signal: watchdog.signal });
    for await (const line of lines) {
      rows++;
      yield line;
    }
    return { kind: 'ended' };
  } catch (error) {
    if (!(error instanceof Anthropic.APIError) || watchdog.signal.aborted) {
      return { kind: 'broken', error };
    }
    return { kind: 'unavailable', answer: readFailure(error) };
  } finally {
    ended.abort();
    await watching;
  }
}

export interface ModelCheck {
  retiresAt: string | null;
}

/**
 * Whether the model is there and can do what the bot asks of it.
 * @returns `refused` with a reason for people when it is not
 */
export async function checkModel(claude: Claude, model: string): Promise<ClaudeAnswer<ModelCheck>> {
  const answer = await ask(() => claude.models.retrieve(model));
  if (answer.kind !== 'ok') return answer;
  const { lifecycle, retires_at, capabilities } = answer.value;
  const refuse = (reason: string) => ({ kind: 'refused' as const, reason, status: 200 });
  if (lifecycle === 'retired') return refuse(`${model} is retired`);
  if (capabilities && !capabilities.batch.supported) return refuse(`${model} does not do batches`);
  if (capabilities && !capabilities.structured_outputs.supported) {
    return refuse(`${model} does not do structured outputs`);
  }
  return { kind: 'ok', value: { retiresAt: retires_at } };
}
