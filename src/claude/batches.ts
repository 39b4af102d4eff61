import Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../core/clock.ts';
import { findErrorCode } from '../core/error-code.ts';
import { findRefusedRequest, readClaudesWords } from '../core/runs/refused-request.ts';
import type { BatchRequest, Claude } from './outgoing.ts';

/** Calls to Claude's Message Batches. Each call is made once; the stages of the run decide what follows. */

/** Why nothing is asked of Claude before there is a key. */
export const NO_KEY = 'there is no Anthropic API key yet';

class MissingKeyError extends Error {}

/**
 * @param apiKey null: there is none yet. Nothing is sent, and every call is `blocked` for want of a key
 * @param fetch how requests are made; default the global one
 */
export function createClaude({
  apiKey,
  baseUrl,
  fetch,
}: {
  apiKey: string | null;
  baseUrl: string | undefined;
  fetch?: typeof globalThis.fetch;
}): Claude {
  const send = apiKey === null ? refuseForWantOfKey : fetch;
  return new Anthropic({
    // The SDK wants one.
    apiKey: apiKey ?? 'none',
    // Set these two, or the SDK reads them from the environment, which only config.ts may do.
    authToken: null,
    baseURL: baseUrl ?? null,
    ...(send && { fetch: send }),
    // `create` is not idempotent: a retry makes a second batch, which is billed.
    maxRetries: 0,
    timeout: 60_000,
  });
}

const refuseForWantOfKey = async () => {
  throw new MissingKeyError();
};

export type ClaudeAnswer<T> =
  | { kind: 'ok'; value: T }
  /**
   * Claude refused this request; retrying it unchanged would not help. `request`: the index of the
   * one in a batch that is at fault, if Claude names one.
   */
  | { kind: 'refused'; reason: string; status: number; request?: number | undefined }
  /** Nothing was done. Retry later. */
  | { kind: 'later'; reason: string; afterMs: number | null }
  /** The spend limit is reached, or there is no valid key; a person has to fix it. */
  | { kind: 'blocked'; reason: string; mend: 'key' | 'budget' }
  /** Claude may have done it: look before retrying. `overloaded`: it has not answered a message. */
  | { kind: 'unclear'; reason: string; overloaded?: true };

export async function ask<T>(work: () => Promise<T>): Promise<ClaudeAnswer<T>> {
  try {
    return { kind: 'ok', value: await work() };
  } catch (error) {
    return readFailure(error);
  }
}

function readFailure(error: unknown): Exclude<ClaudeAnswer<never>, { kind: 'ok' }> {
  if (error instanceof Anthropic.APIConnectionError) {
    if (error.cause instanceof MissingKeyError) {
      return { kind: 'blocked', reason: NO_KEY, mend: 'key' };
    }
    // Nothing was listening, so nothing was done.
    const code = findErrorCode(error);
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return { kind: 'later', reason: `Claude cannot be reached (${code})`, afterMs: null };
    }
    return { kind: 'unclear', reason: code ?? error.message };
  }
  // The connection ended in the middle of an answer: fetch says `terminated`, or its JSON is cut off.
  const cut = error instanceof TypeError && error.message === 'terminated';
  if (cut || error instanceof SyntaxError)
    return { kind: 'unclear', reason: 'the answer broke off' };
  if (!(error instanceof Anthropic.APIError) || error.status === undefined) throw error;
  const { status, type } = error;
  const words = readClaudesWords(error.error);
  const reason = `Claude answered ${status}${type ? ` ${type}` : ''}`;
  if (status === 401 || status === 403) return { kind: 'blocked', reason, mend: 'key' };
  if (isSpendLimit(error)) {
    return { kind: 'blocked', reason: 'the spend limit at Anthropic is reached', mend: 'budget' };
  }
  if (status === 429) {
    const seconds = Number(error.headers?.get('retry-after'));
    return { kind: 'later', reason, afterMs: seconds > 0 ? Math.ceil(seconds * 1000) : null };
  }
  // A 529 means overloaded. It does not say whether a batch was made; a message was not answered.
  if (status === 529) return { kind: 'unclear', reason, overloaded: true };
  if (status >= 500 || status === 408) return { kind: 'unclear', reason };
  const said = words ? `${reason}: ${words}` : reason;
  return { kind: 'refused', reason: said, status, request: findRefusedRequest(words) };
}

/** A spend limit is a 429 without `retry-after`, or, for a limit set by the user, a 400 that says so. */
function isSpendLimit({ status, message }: { status: number; message: string }): boolean {
  return (
    (status === 429 || status === 400) && /spend[_ ]limit|usage limit|credit balance/i.test(message)
  );
}

export interface ClaudeBatch {
  id: string;
  status: 'in_progress' | 'canceling' | 'ended';
  /** ms since 1970 */
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

/** Asks Claude to end a batch early. Finished requests keep their results; the rest come back canceled. */
export function cancelBatch(claude: Claude, id: string): Promise<ClaudeAnswer<ClaudeBatch>> {
  return ask(async () => toBatch(await claude.messages.batches.cancel(id)));
}

/** Deletes a batch that has ended, with its results: Claude refuses it for any other. */
export function removeBatch(claude: Claude, id: string): Promise<ClaudeAnswer<{ id: string }>> {
  return ask(() => claude.messages.batches.delete(id));
}

/** How far Claude's clock may be from ours. */
const CLOCK_SKEW_MS = 60_000;

/**
 * Lists batches that a `create` may have made although its answer was lost: they have the same number
 * of requests, were made since the call, and are not known. Only the custom_ids of the results, once a
 * batch has ended, show whether it is ours.
 * @param since when the call to `create` began, in ms since 1970
 */
export function listOrphans(
  claude: Claude,
  { since, requests, known }: { since: number; requests: number; known: Set<string> },
): Promise<ClaudeAnswer<ClaudeBatch[]>> {
  return ask(async () => {
    const orphans: ClaudeBatch[] = [];
    // Read all pages, newest first, until the batches are older than the call.
    for await (const entry of claude.messages.batches.list({ limit: 100 })) {
      const batch = toBatch(entry);
      if (batch.createdAt < since - CLOCK_SKEW_MS) break;
      if (batch.requests === requests && !known.has(batch.id)) orphans.push(batch);
    }
    return orphans;
  });
}

/** A stream that is idle for this long is dead. The client's own timeout covers only the headers. */
const IDLE_MS = 60_000;

export type ResultsEnd =
  /** All results were read, or the stream ended early without an error: the two look the same. */
  | { kind: 'ended' }
  /** The error may be anything, such as a TypeError, a SyntaxError or a DOMException. */
  | { kind: 'broken'; error: unknown }
  /** The stream never began. */
  | { kind: 'unavailable'; answer: Exclude<ClaudeAnswer<never>, { kind: 'ok' }> };

/**
 * Streams the lines of a batch's results. A stream that ends early without an error looks complete, so
 * the caller compares the results with the requests.
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
 * Checks that the model exists and supports what the bot needs.
 * @returns `refused`, with a reason to show to people, when it does not
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
