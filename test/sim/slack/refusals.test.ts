import { expect, test } from 'vitest';
import { createRateLimits } from '../../../sim/slack/rate-limits.ts';
import { refusal, startStage } from './start-sim.ts';

/** What Slack refuses because of a channel, a person, or too many posts. */

test.each([
  ['preference', 'restricted_action', 'restricted_action'],
  ['general', 'posting_to_general_channel_denied', 'posting_to_general_channel_denied'],
  ['read_only', 'restricted_action_read_only_channel', 'restricted_action_read_only_channel'],
  ['thread_only', 'restricted_action_thread_only_channel', 'ok'],
  ['no_threads', 'ok', 'restricted_action_non_threadable_channel'],
] as const)('a channel limited to %s', async (limit, top, reply) => {
  const { sim, ann, channel, client } = await startStage();
  const thread_ts = sim.post({ channel, user: ann, text: 'parent' });
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'before' });
  sim.limitPosting(channel, limit);
  const post = (more: object) => refusal(client.chat.postMessage({ channel, text: 'x', ...more }));
  const whisper = (more: object) =>
    refusal(client.chat.postEphemeral({ channel, user: ann, text: 'x', ...more }));
  expect([await post({}), await post({ thread_ts })]).toEqual([top, reply]);
  expect([await whisper({}), await whisper({ thread_ts })]).toEqual([top, reply]);
  // What stands there already can be changed, and marked.
  expect(await refusal(client.chat.update({ channel, ts, text: 'after' }))).toBe('ok');
  expect(await refusal(client.reactions.add({ channel, timestamp: ts, name: 'eyes' }))).toBe('ok');
  sim.limitPosting(channel);
  expect([await post({}), await post({ thread_ts })]).toEqual(['ok', 'ok']);
});

test('a file is refused with one word wherever the app may not post', async () => {
  const { sim, channel, client } = await startStage();
  const share = async () => {
    const { upload_url = '', file_id = '' } = await client.files.getUploadURLExternal({
      filename: 'a.txt',
      length: 1,
    });
    await fetch(upload_url, { method: 'POST', body: 'x' });
    const files = [{ id: file_id }] as [{ id: string }];
    return refusal(client.files.completeUploadExternal({ files, channel_id: channel }));
  };
  sim.limitPosting(channel, 'read_only');
  expect(await share()).toBe('posting_to_channel_denied');
  sim.limitPosting(channel);
  expect(await share()).toBe('ok');
});

test('an update in an archived channel meets is_inactive, a post is_archived', async () => {
  const { sim, channel, client } = await startStage();
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'x' });
  sim.archive(channel);
  expect(await refusal(client.chat.update({ channel, ts, text: 'y' }))).toBe('is_inactive');
  expect(await refusal(client.chat.postMessage({ channel, text: 'y' }))).toBe('is_archived');
});

test('a deactivated person: no conversation, no ephemeral, in no channel', async () => {
  const { sim, ann, channel, client } = await startStage();
  expect(await refusal(client.conversations.open({ users: ann }))).toBe('ok');
  sim.deactivate(ann);
  expect(await refusal(client.conversations.open({ users: ann }))).toBe('user_disabled');
  const whisper = client.chat.postEphemeral({ channel, user: ann, text: 'x' });
  expect(await refusal(whisper)).toBe('user_not_in_channel');
});

test('too many posts in a channel are a 429, too many in the workspace an error', async () => {
  const limits = createRateLimits(1, () => 0);
  for (let n = 0; n < 4; n++) expect(limits.take('chat.postMessage', 'C1')).toBeUndefined();
  expect(limits.take('chat.postMessage', 'C1')).toEqual({ of: 'channel', seconds: 1 });

  const { sim, ann, client } = await startStage({ rateLimits: true, now: () => 1_800_000_000_000 });
  const answers: string[] = [];
  for (let n = 0; n < 16; n++) {
    const channel = sim.addChannel({ name: `c${n}`, members: [ann, sim.botUserId] });
    for (let m = 0; m < 4; m++) {
      answers.push(await refusal(client.chat.postMessage({ channel, text: 'x' })));
    }
  }
  expect(answers).toEqual([...Array(60).fill('ok'), ...Array(4).fill('rate_limited')]);
});
