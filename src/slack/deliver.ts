import { z } from 'zod';
import type { Effect, Rendered } from '../core/delivery/effects.ts';
import { type Meaning, readRefusal } from '../core/delivery/slack-errors.ts';
import { replaceDataBlocks } from './blocks/data-blocks.ts';
import { cutLines, flattenBlocks } from './blocks/flatten.ts';
import { richText, section } from './blocks/rich-text.ts';
import { type Answer, describeFailure, type Slack } from './client.ts';
import { openDirect } from './files.ts';

/** Delivers one effect to Slack, once, and returns the outcome. */

export type Outcome =
  /**
   * `ts`: of a new post. `note`: how the result differs from the effect, if it does. `allowed`:
   * Slack has done it.
   */
  | { kind: 'done'; ts: string | null; note: string | null; allowed: boolean }
  /** Try again, at `until` for a rate limit; otherwise the caller chooses when. */
  | { kind: 'limited'; until: number }
  | {
      kind: 'retry';
      reason: string;
      /** The call may have reached Slack. */
      reached: boolean;
      /** Everything keeps failing until somebody fixes the cause, such as a missing scope. */
      mend: boolean;
    }
  /** It is not allowed in the channel, or the workspace does not have the emoji. */
  | { kind: 'held'; reason: string; by: 'channel' | 'emoji' }
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
    case 'post':
    case 'answer': {
      const { metadata } = effect;
      const place = { channel, thread_ts: parentTs ?? undefined, metadata };
      const send = (shown: Shown) =>
        slack.call(
          'chat.postMessage',
          { ...place, ...shown, unfurl_links: false, unfurl_media: false },
          postedSchema,
          channel,
        );
      const outcome = await sendShown('chat.postMessage', effect, send, ({ ts }) => ts);
      // An answer does not wait for the bot to come back.
      if (effect.kind !== 'answer' || outcome.kind !== 'away') return outcome;
      return { kind: 'dead', reason: outcome.reason };
    }
    case 'update': {
      // Slack keeps the old blocks unless it gets a list, so send an empty one.
      const send = ({ text, blocks = [] }: Shown) => {
        const shown = { text: cutLines(text, MAX_UPDATE_TEXT), blocks };
        return slack.call('chat.update', { channel, ts: parentTs, ...shown }, anySchema);
      };
      return sendShown('chat.update', effect, send, () => null);
    }
    case 'ephemeral': {
      const { user } = effect;
      const send = (shown: Shown) =>
        slack.call('chat.postEphemeral', { channel, user, ...shown }, anySchema);
      const outcome = await sendShown('chat.postEphemeral', effect, send, () => null);
      return outcome.kind === 'held' ? sayDirectly(slack, channel, effect, outcome) : outcome;
    }
    case 'react':
    case 'unreact': {
      const method = effect.kind === 'react' ? 'reactions.add' : 'reactions.remove';
      const { ts, name } = effect;
      const answer = await slack.call(method, { channel, timestamp: ts, name }, anySchema);
      return toOutcome(method, answer, () => null, null);
    }
    default:
      return effect satisfies never;
  }
}

/** Says in a direct message what the channel does not allow to be said to one person there. */
async function sayDirectly(
  slack: Slack,
  channel: string,
  { user, text, blocks }: Effect & { kind: 'ephemeral' },
  { reason }: Outcome & { kind: 'held' },
): Promise<Outcome> {
  const direct = await openDirect(slack, user);
  if (direct.kind !== 'ok') {
    return asClosed(
      toOutcome('conversations.open', direct, () => null, null),
      reason,
    );
  }
  const about = richText(section({ type: 'channel', channel_id: channel }));
  const shown = { text: `<#${channel}>: ${text}`, blocks: [about, ...blocks] };
  const method = 'chat.postMessage';
  const send = (form: Shown) =>
    slack.call(method, { channel: direct.value, ...form }, postedSchema, direct.value);
  const outcome = asClosed(await sendShown(method, shown, send, () => null), reason);
  if (outcome.kind !== 'done') return outcome;
  return { ...outcome, note: `said in a direct message: ${reason}` };
}

/** A refusal of the direct conversation is none of the channel: it is closed to the bot as well. */
const asClosed = (outcome: Outcome, reason: string): Outcome =>
  outcome.kind === 'held' || outcome.kind === 'away' ? { kind: 'dead', reason } : outcome;

type Shown = { text: string; blocks?: object[] };

/**
 * Sends a text with its blocks. If Slack refuses their shape, sends them with charts and tables in
 * words; if Slack refuses that too, sends plain text.
 */
async function sendShown<T>(
  method: string,
  { text, blocks }: Rendered,
  send: (shown: Shown) => Promise<Answer<T>>,
  tsOf: (value: T) => string | null,
): Promise<Outcome> {
  const answer = await send({ text, blocks });
  if (!isShapeRefused(method, answer)) return toOutcome(method, answer, tsOf, null);
  const replaced = replaceDataBlocks(blocks);
  const second = replaced && (await send({ text, blocks: replaced }));
  if (second && !isShapeRefused(method, second)) {
    return toOutcome(method, second, tsOf, `sent without charts and tables: ${answer.error}`);
  }
  const plain = await send({ text: flattenBlocks(text, blocks) });
  return toOutcome(method, plain, tsOf, `sent as plain text: ${answer.error}`);
}

const isShapeRefused = <T>(
  method: string,
  answer: Answer<T>,
): answer is Answer<T> & { kind: 'refused' } =>
  answer.kind === 'refused' && readRefusal(method, answer.error) === 'simpler';

function toOutcome<T>(
  method: string,
  answer: Answer<T>,
  tsOf: (value: T) => string | null,
  note: string | null,
): Outcome {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'done', ts: tsOf(answer.value), note, allowed: true };
    case 'limited':
      return answer;
    case 'unsent':
    case 'unclear': {
      const reached = answer.kind === 'unclear';
      return { kind: 'retry', reason: describeFailure(answer), reached, mend: false };
    }
    case 'refused':
      return toRefused(readRefusal(method, answer.error), answer.error);
    default:
      return answer satisfies never;
  }
}

function toRefused(meaning: Meaning, reason: string): Outcome {
  switch (meaning) {
    case 'done':
      return { kind: 'done', ts: null, note: reason, allowed: false };
    case 'retry':
    case 'unclear':
      return { kind: 'retry', reason, reached: meaning === 'unclear', mend: false };
    case 'token':
    case 'workspace':
      return { kind: 'retry', reason, reached: false, mend: true };
    case 'posting':
      return { kind: 'held', reason, by: 'channel' };
    case 'emoji':
      return { kind: 'held', reason, by: 'emoji' };
    case 'away':
      return { kind: 'away', reason };
    case 'simpler':
    case 'dead':
      return { kind: 'dead', reason };
    default:
      return meaning satisfies never;
  }
}
