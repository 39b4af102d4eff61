import { z } from 'zod';
import type { Effect, Rendered } from '../core/delivery/effects.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import { replaceDataBlocks } from './blocks/data-blocks.ts';
import { cutLines, flattenBlocks } from './blocks/flatten.ts';
import { type Answer, describeFailure, type Slack } from './client.ts';

/** Delivers one effect to Slack, once, and returns the outcome. */

export type Outcome =
  /** `ts`: of a new post. `note`: how the result differs from the effect, if it does. */
  | { kind: 'done'; ts: string | null; note: string | null }
  /** Try again, at `until` for a rate limit; otherwise the caller chooses when. */
  | { kind: 'limited'; until: number }
  | {
      kind: 'retry';
      reason: string;
      /** The call may have reached Slack. */
      reached: boolean;
      /** It keeps failing until somebody fixes the cause, such as a missing scope. */
      mend: boolean;
    }
  /** The bot is no longer in the channel. */
  | { kind: 'away'; reason: string }
  | { kind: 'dead'; reason: string };

const postedSchema = z.looseObject({ ts: z.string() });
const anySchema = z.looseObject({});

/** A little below the 4,000 characters that chat.update takes (chat.postMessage takes 40,000). */
const MAX_UPDATE_TEXT = 3_900;

/** An effect to deliver: an update has been rendered, a summary has been turned into a post. */
export type Deliverable =
  | Exclude<Effect, { kind: 'update' | 'summary' }>
  | ({ kind: 'update' } & Rendered);

/** @param parentTs the parent of the thread to post into, or the post to update */
export async function deliver(
  slack: Slack,
  channel: string,
  effect: Deliverable,
  parentTs: string | null,
): Promise<Outcome> {
  switch (effect.kind) {
    case 'post': {
      const { metadata } = effect;
      const place = { channel, thread_ts: parentTs ?? undefined, metadata };
      const send = (shown: Shown) =>
        slack.call(
          'chat.postMessage',
          { ...place, ...shown, unfurl_links: false, unfurl_media: false },
          postedSchema,
          channel,
        );
      return sendShown(effect, send, ({ ts }) => ts);
    }
    case 'update': {
      // Slack keeps the old blocks unless it gets a list, so send an empty one.
      const send = ({ text, blocks = [] }: Shown) => {
        const shown = { text: cutLines(text, MAX_UPDATE_TEXT), blocks };
        return slack.call('chat.update', { channel, ts: parentTs, ...shown }, anySchema);
      };
      const outcome = await sendShown(effect, send, () => null);
      if (outcome.kind !== 'dead' || !isSlackError(outcome.reason, 'unchangeable')) return outcome;
      return { kind: 'done', ts: null, note: outcome.reason };
    }
    case 'ephemeral': {
      const send = (shown: Shown) =>
        slack.call('chat.postEphemeral', { channel, user: effect.user, ...shown }, anySchema);
      const outcome = await sendShown(effect, send, () => null);
      if (outcome.kind !== 'dead' || !isSlackError(outcome.reason, 'unreachable')) return outcome;
      return { kind: 'done', ts: null, note: outcome.reason };
    }
    case 'react':
    case 'unreact': {
      const method = effect.kind === 'react' ? 'reactions.add' : 'reactions.remove';
      const { ts, name } = effect;
      const answer = await slack.call(method, { channel, timestamp: ts, name }, anySchema);
      if (answer.kind === 'refused' && isSlackError(answer.error, 'moot')) {
        return { kind: 'done', ts: null, note: answer.error };
      }
      return toOutcome(answer, () => null, null);
    }
    default:
      return effect satisfies never;
  }
}

type Shown = { text: string; blocks?: object[] };

/**
 * Sends a text with its blocks. If Slack refuses their shape, sends them with charts and tables in
 * words; if Slack refuses that too, sends plain text.
 */
async function sendShown<T>(
  { text, blocks }: Rendered,
  send: (shown: Shown) => Promise<Answer<T>>,
  tsOf: (value: T) => string | null,
): Promise<Outcome> {
  const answer = await send({ text, blocks });
  if (!isShapeRefused(answer)) return toOutcome(answer, tsOf, null);
  const replaced = replaceDataBlocks(blocks);
  const second = replaced && (await send({ text, blocks: replaced }));
  if (second && !isShapeRefused(second)) {
    return toOutcome(second, tsOf, `sent without charts and tables: ${answer.error}`);
  }
  const plain = await send({ text: flattenBlocks(text, blocks) });
  return toOutcome(plain, tsOf, `sent as plain text: ${answer.error}`);
}

const isShapeRefused = <T>(answer: Answer<T>): answer is Answer<T> & { kind: 'refused' } =>
  answer.kind === 'refused' && isSlackError(answer.error, 'shape');

function toOutcome<T>(
  answer: Answer<T>,
  tsOf: (value: T) => string | null,
  note: string | null,
): Outcome {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'done', ts: tsOf(answer.value), note };
    case 'limited':
      return answer;
    case 'unsent':
    case 'unclear': {
      const reached = answer.kind === 'unclear';
      return { kind: 'retry', reason: describeFailure(answer), reached, mend: false };
    }
    case 'refused':
      if (isSlackError(answer.error, 'away')) return { kind: 'away', reason: answer.error };
      for (const [meaning, mend] of [
        ['mendable', true],
        ['passing', false],
      ] as const) {
        if (isSlackError(answer.error, meaning)) {
          return { kind: 'retry', reason: answer.error, reached: false, mend };
        }
      }
      return { kind: 'dead', reason: answer.error };
    default:
      return answer satisfies never;
  }
}
