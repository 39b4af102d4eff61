import { z } from 'zod';
import type { Effect, Rendered } from '../core/delivery/effects.ts';
import { replaceDataBlocks } from './blocks/data-blocks.ts';
import { cutLines, flattenBlocks } from './blocks/flatten.ts';
import { type Answer, describeFailure, type Slack } from './client.ts';

/** Does one effect in Slack, once, and says what came of it. */

export type Outcome =
  /** `ts` is that of a new post; `note` says what was not as asked for. */
  | { kind: 'done'; ts: string | null; note: string | null }
  /** Not now: after `until` for a limit, otherwise when the caller thinks fit. */
  | { kind: 'limited'; until: number }
  | {
      kind: 'retry';
      reason: string;
      reached: boolean /** somebody has to mend it */;
      mend: boolean;
    }
  /** The bot is no longer in the channel. */
  | { kind: 'away'; reason: string }
  | { kind: 'dead'; reason: string };

const postedSchema = z.looseObject({ ts: z.string() });
const anySchema = z.looseObject({});

/** Refusals of blocks or of a length, for which a plain text stands in: a post is never lost. */
const SHAPE_ERRORS = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
]);

/** Refusals that last only until somebody mends the app: its effects wait for that. */
const MENDABLE_ERRORS = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'access_denied',
  'org_login_required',
  'team_access_not_granted',
]);

/** Refusals that last until the bot is invited again, or the channel is taken out of the archive. */
export const AWAY_ERRORS = new Set(['not_in_channel', 'channel_not_found', 'is_archived']);

/** A little below the 4,000 characters that chat.update takes (chat.postMessage takes 40,000). */
const MAX_UPDATE_TEXT = 3_900;

/** The message that the effect is about is gone, or is already as wanted: nothing left to do. */
const MOOT_ERRORS = new Set(['already_reacted', 'no_reaction', 'message_not_found']);

/** Somebody who is not in a channel cannot be spoken to in it. */
const UNREACHABLE_ERRORS = new Set(['user_not_in_channel', 'user_not_found']);

/** Updates that can never be made: the post is gone, or the workspace allows no change any more. */
const FINAL_UPDATE_ERRORS = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
]);

/** An update, together with what the post is to look like by now; a summary, when it is counted. */
export type Deliverable =
  | Exclude<Effect, { kind: 'update' | 'summary' }>
  | ({ kind: 'update' } & Rendered);

/** @param parentTs of the thread that a post goes into, or of the post that is updated */
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
      // Without an empty list Slack would leave the blocks as they were.
      const send = ({ text, blocks = [] }: Shown) => {
        const shown = { text: cutLines(text, MAX_UPDATE_TEXT), blocks };
        return slack.call('chat.update', { channel, ts: parentTs, ...shown }, anySchema);
      };
      const outcome = await sendShown(effect, send, () => null);
      if (outcome.kind !== 'dead' || !FINAL_UPDATE_ERRORS.has(outcome.reason)) return outcome;
      return { kind: 'done', ts: null, note: outcome.reason };
    }
    case 'ephemeral': {
      const send = (shown: Shown) =>
        slack.call('chat.postEphemeral', { channel, user: effect.user, ...shown }, anySchema);
      const outcome = await sendShown(effect, send, () => null);
      if (outcome.kind !== 'dead' || !UNREACHABLE_ERRORS.has(outcome.reason)) return outcome;
      return { kind: 'done', ts: null, note: outcome.reason };
    }
    case 'react':
    case 'unreact': {
      const method = effect.kind === 'react' ? 'reactions.add' : 'reactions.remove';
      const { ts, name } = effect;
      const answer = await slack.call(method, { channel, timestamp: ts, name }, anySchema);
      if (answer.kind === 'refused' && MOOT_ERRORS.has(answer.error)) {
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
 * As it was meant; where its shape is refused, with its charts and tables in words; where that is
 * refused as well, as plain text.
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
  answer.kind === 'refused' && SHAPE_ERRORS.has(answer.error);

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
      if (AWAY_ERRORS.has(answer.error)) return { kind: 'away', reason: answer.error };
      if (!MENDABLE_ERRORS.has(answer.error)) return { kind: 'dead', reason: answer.error };
      return { kind: 'retry', reason: answer.error, reached: false, mend: true };
    default:
      return answer satisfies never;
  }
}
