import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { NewEffect } from '../../../src/core/delivery/effects.ts';
import { refreshPost } from '../../../src/store/delivery/outbox.ts';
import { type Stage, startWith } from '../../harness.ts';
import { enqueue, outbox, post, react, whisper } from '../../slack/outbox.ts';

/**
 * Every documented error of every method that the outbox calls, row by row: what becomes of the
 * effect after one such answer.
 */

const PASSING = [
  'rate_limited',
  'ratelimited',
  'message_limit_exceeded',
  'team_added_to_org',
  'org_login_required',
  'external_channel_migrating',
];
/** Slack may have done it. */
const UNCLEAR = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];

/** Answers that may come from any method. */
const ANY = {
  'done, after a wait': [...PASSING, ...UNCLEAR],
  'done, after somebody mended the app': [
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'token_expired',
    'missing_scope',
    'not_allowed_token_type',
    'access_denied',
    'accesslimited',
    'team_access_not_granted',
    'two_factor_setup_required',
    'enterprise_is_restricted',
  ],
  away: ['channel_not_found', 'not_in_channel', 'is_archived', 'is_inactive'],
  dead: [
    'deprecated_endpoint',
    'method_deprecated',
    'unknown_method',
    'invalid_arg_name',
    'invalid_arguments',
    'invalid_array_arg',
    'invalid_charset',
    'invalid_form_data',
    'invalid_post_type',
    'missing_post_type',
    'an_error_that_nobody_knows',
  ],
};

const POSTING = ['ekm_access_denied', 'no_permission'];
const RESTRICTED = [
  'restricted_action',
  'restricted_action_read_only_channel',
  'user_is_restricted',
];
const SHAPES = ['invalid_blocks', 'invalid_blocks_format', 'msg_too_long', 'msg_blocks_too_long'];
const NEVER_SENT = ['no_text', 'too_many_attachments', 'invalid_attachments', 'team_not_found'];

type Rows = Record<string, string[]>;

const TABLE: Record<string, Rows> = {
  'chat.postMessage': {
    ...ANY,
    'done, in a simpler form': SHAPES,
    held: [
      ...POSTING,
      ...RESTRICTED,
      'restricted_action_thread_only_channel',
      'restricted_action_non_threadable_channel',
      'posting_to_channel_denied',
      'posting_to_general_channel_denied',
    ],
    dead: [
      ...ANY.dead,
      ...NEVER_SENT,
      'as_user_not_supported',
      'cannot_reply_to_message',
      'invalid_metadata_format',
      'invalid_metadata_schema',
      'messages_tab_disabled',
      'metadata_must_be_sent_from_app',
      'metadata_too_large',
      'restricted_action_thread_locked',
      'slack_connect_file_link_sharing_blocked',
      'thread_not_found',
    ],
  },
  'chat.update': {
    ...ANY,
    'done, after a wait': [
      ...ANY['done, after a wait'],
      'update_failed',
      'streaming_state_conflict',
    ],
    'done, in a simpler form': SHAPES,
    done: ['message_not_found', 'cant_update_message', 'edit_window_closed'],
    held: [...POSTING, ...RESTRICTED],
    dead: [...ANY.dead, ...NEVER_SENT, 'block_mismatch', 'no_dual_broadcast_content_update'],
  },
  'chat.postEphemeral': {
    ...ANY,
    'done, after a wait': PASSING,
    'done, perhaps unseen': UNCLEAR,
    'done, in a simpler form': SHAPES,
    done: ['user_not_in_channel', 'user_not_found'],
    'done, in a direct message': [...POSTING, ...RESTRICTED],
    dead: [
      ...ANY.dead,
      ...NEVER_SENT,
      'cannot_reply_to_message',
      'is_bot',
      'messages_tab_disabled',
    ],
  },
  'reactions.add': {
    ...ANY,
    done: ['already_reacted', 'message_not_found'],
    held: ['invalid_name', ...POSTING, 'restricted_action'],
    dead: [
      ...ANY.dead,
      'bad_timestamp',
      'no_access',
      'no_item_specified',
      'not_reactable',
      'thread_locked',
      'too_many_emoji',
      'too_many_reactions',
    ],
  },
  'reactions.remove': {
    ...ANY,
    done: ['no_reaction', 'message_not_found', 'invalid_name'],
    held: POSTING,
    dead: [...ANY.dead, 'bad_timestamp', 'no_item_specified', 'not_reactable'],
  },
};

const ROWS = Object.entries(TABLE).flatMap(([method, rows]) =>
  Object.entries(rows).map(([expected, codes]) => ({ method, expected, codes })),
);

/** Adds an effect that calls the method; returns its row's key. */
async function ask(stage: Stage, method: string, code: string, ts: string): Promise<string> {
  const { channel, user, context } = stage;
  const add = (effect: NewEffect) => enqueue(stage, [effect]).then(() => effect.key);
  switch (method) {
    case 'chat.postMessage':
      return add(post(channel, `post ${code}`));
    case 'chat.postEphemeral':
      return add(whisper(channel, user, `whisper ${code}`));
    case 'reactions.add':
      return add({ ...react(channel, ts), key: `react ${code}` });
    case 'reactions.remove': {
      const effect = { kind: 'unreact' as const, ts, name: 'bug' };
      return add({ ...react(channel, ts), key: `unreact ${code}`, effect });
    }
    default: {
      const [key] = (await outbox(stage)).map((row) => row.key);
      if (key === undefined) throw new Error('no post to update');
      const rendered = { text: code, blocks: [] };
      await context.db
        .transaction()
        .execute((tx) => refreshPost(tx, { key, priority: 0, rendered }, context.clock.now(), 0));
      return (await outbox(stage)).at(-1)?.key ?? '';
    }
  }
}

async function outcomeOf(stage: Stage, key: string, calls: number): Promise<string> {
  const row = (await outbox(stage)).find((one) => one.key === key);
  const [channel] = await stage.rows(sql<{ state: string }>`select state from channels`);
  const holds = await stage.rows(sql`select * from holds`);
  if (channel?.state === 'left') return row?.state === 'waiting' ? 'away' : `left, ${row?.state}`;
  if (holds.length > 0) return row?.state === 'waiting' ? 'held' : `held, ${row?.state}`;
  if (row?.state !== 'done') return row?.state ?? 'gone';
  if (row.trouble?.startsWith('sent as plain text')) return 'done, in a simpler form';
  if (row.trouble?.startsWith('said in a direct message')) return 'done, in a direct message';
  if (row.trouble?.startsWith('its answer was lost')) return 'done, perhaps unseen';
  if (calls === 1) return 'done';
  const mended = stage.logs.some(({ message }) => message.startsWith('Slack refuses the app'));
  return mended ? 'done, after somebody mended the app' : 'done, after a wait';
}

describe.each(ROWS)('$method: $expected', ({ method, expected, codes }) => {
  test(`${codes.join(', ')}`, async () => {
    const stage = await startWith(['a']);
    const { channel, context, slack } = stage;
    const ts = stage.sent[0] ?? '';
    await enqueue(stage, [post(channel, 'first'), { ...react(channel, ts), key: 'first react' }]);
    await stage.settle();
    const found: Record<string, string> = {};
    for (const code of codes) {
      slack.faults.add({ method, kind: 'error', error: code });
      const key = await ask(stage, method, code, ts);
      const before = { logs: stage.logs.length, calls: slack.callCounts.get(method) ?? 0 };
      await stage.settle();
      const calls = (slack.callCounts.get(method) ?? 0) - before.calls;
      const logs = stage.logs.slice(before.logs);
      found[code] = await outcomeOf({ ...stage, logs }, key, calls);
      slack.faults.clear();
      await context.db.deleteFrom('holds').execute();
      await context.db.updateTable('channels').set({ state: 'member' }).execute();
      await stage.settle();
    }
    expect(found).toEqual(Object.fromEntries(codes.map((code) => [code, expected])));
  });
});
