import { expect, test } from 'vitest';
import { createClient, MANY_SCOPES, refusal, section, startStage } from './start-sim.ts';

test('the token decides', async () => {
  const { sim, client } = await startStage();
  expect(await client.auth.test()).toMatchObject({
    user_id: sim.botUserId,
    bot_id: sim.botId,
    team_id: sim.teamId,
  });
  expect(await refusal(client.auth.test({ token: 'xoxb-wrong' }))).toBe('invalid_auth');
  const none = await fetch(`${sim.apiUrl}auth.test`, { method: 'POST' });
  expect(await none.json()).toEqual({ ok: false, error: 'not_authed' });
  expect(await refusal(client.apps.connections.open())).toBe('not_allowed_token_type');
  expect(await refusal(client.apiCall('chat.nonsense'))).toBe('unknown_method');
});

test('a method without its scope is refused and says which', async () => {
  const { client, channel } = await startStage({
    scopes: ['chat:write', 'channels:read', 'groups:history'],
  });
  await expect(
    client.reactions.add({ channel, timestamp: '1700000000.000100', name: 'eyes' }),
  ).rejects.toMatchObject({
    data: {
      error: 'missing_scope',
      needed: 'reactions:write',
      provided: 'chat:write,channels:read,groups:history',
    },
  });
  // The scope for a history depends on the kind of channel.
  expect(await refusal(client.conversations.history({ channel }))).toBe('missing_scope');
});

test('posts that Slack refuses are refused', async () => {
  const { sim, ann, channel, client } = await startStage();
  const open = sim.addChannel({ name: 'open', members: [ann] });
  const closed = sim.addChannel({ name: 'closed', isPrivate: true, members: [ann] });
  const old = sim.addChannel({ name: 'old', members: [ann, sim.botUserId] });
  sim.archive(old);
  const post = (args: object) =>
    refusal(client.apiCall('chat.postMessage', { channel, text: 'x', ...args }));
  expect(await post({ channel: 'C404' })).toBe('channel_not_found');
  expect(await post({ channel: open })).toBe('not_in_channel');
  expect(await post({ channel: closed })).toBe('channel_not_found');
  expect(await post({ channel: old })).toBe('is_archived');
  expect(await post({ text: '' })).toBe('no_text');
  expect(await post({ text: 'x'.repeat(40_000) })).toBe('ok');
  expect(await post({ text: 'x'.repeat(40_001) })).toBe('msg_too_long');
  expect(await post({ thread_ts: 'soon' })).toBe('invalid_thread_ts');
  expect(await post({ thread_ts: '1700000000.000100' })).toBe('thread_not_found');
  expect(await post({ blocks: 'no json' })).toBe('invalid_blocks_format');
  const long = [1, 2, 3].map(() => section('x'.repeat(2999)));
  expect(await post({ text: 'x'.repeat(11_340 - 3 * 2999), blocks: long })).toBe('ok');
  expect(await post({ text: 'x'.repeat(11_341 - 3 * 2999), blocks: long })).toBe(
    'msg_blocks_too_long',
  );
});

test('metadata follows the rules, and its payload is returned only on request', async () => {
  const { client, channel } = await startStage();
  const post = (metadata: unknown) =>
    refusal(client.apiCall('chat.postMessage', { channel, text: 'x', metadata }));
  const payload = (event_payload: object) => post({ event_type: 'a', event_payload });
  expect(await payload({ id: 1, ok: true, nested: { a: 'b' }, list: [{ a: 1 }] })).toBe('ok');
  expect(await payload({ tags: ['a', 'b'] })).toBe('invalid_metadata_schema');
  expect(await payload({ deep: { a: { b: 1 } } })).toBe('invalid_metadata_schema');
  expect(await payload({ no: null })).toBe('invalid_metadata_schema');
  expect(await payload({ long: 'x'.repeat(1024) })).toBe('metadata_too_large');
  expect(await post({ event_type: 'a' })).toBe('invalid_metadata_format');
  expect(await post({ event_type: 'a', event_payload: {}, more: 1 })).toBe(
    'invalid_metadata_format',
  );
  const plain = await client.conversations.history({ channel });
  const full = await client.conversations.history({ channel, include_all_metadata: true });
  expect(plain.messages?.[0]?.metadata).toEqual({ event_type: 'a' });
  expect(full.messages?.[0]?.metadata?.event_payload).toMatchObject({ id: 1 });
});

test('an update keeps metadata, {} removes it, and only the bot’s messages can be updated', async () => {
  const { sim, ann, client, channel } = await startStage();
  const metadata = { event_type: 'a', event_payload: { id: 1 } };
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'one', metadata });
  await client.chat.update({ channel, ts, text: 'two' });
  expect(sim.message(channel, ts)).toMatchObject({
    text: 'two',
    metadata,
    edited: { user: sim.botUserId },
  });
  await client.apiCall('chat.update', { channel, ts, text: 'two', metadata: {} });
  expect(sim.message(channel, ts)?.metadata).toBeUndefined();
  expect(await refusal(client.chat.update({ channel, ts, text: 'x'.repeat(4001) }))).toBe(
    'msg_too_long',
  );
  expect(await refusal(client.chat.update({ channel, ts: '1700000000.000100', text: 'x' }))).toBe(
    'message_not_found',
  );
  const theirs = sim.post({ channel, user: ann, text: 'mine' });
  expect(await refusal(client.chat.update({ channel, ts: theirs, text: 'x' }))).toBe(
    'cant_update_message',
  );
  expect(await refusal(client.chat.delete({ channel, ts: theirs }))).toBe('cant_delete_message');
  await client.chat.delete({ channel, ts });
  expect(sim.message(channel, ts)).toBeUndefined();
});

test('reactions: idempotence, names, limits', async () => {
  const { sim, ann, client, channel } = await startStage();
  const timestamp = sim.post({ channel, user: ann, text: 'hi' });
  const add = (name: string, more: object = {}) =>
    refusal(client.reactions.add({ channel, timestamp, name, ...more }));
  expect(await add('thumbsup')).toBe('ok');
  expect(await add('+1')).toBe('already_reacted');
  expect(await add('wave::skin-tone-3')).toBe('ok');
  expect(await add('wave::skin-tone-9')).toBe('invalid_name');
  expect(await add('nosuchemoji')).toBe('invalid_name');
  expect(await add('eyes', { timestamp: '1700000000.000100' })).toBe('message_not_found');
  expect(await add('eyes', { timestamp: 'x' })).toBe('bad_timestamp');
  expect(await add('eyes', { timestamp: undefined })).toBe('no_item_specified');
  expect(await refusal(client.reactions.remove({ channel, timestamp, name: 'bug' }))).toBe(
    'no_reaction',
  );
  expect(await refusal(client.reactions.remove({ channel, timestamp, name: 'thumbsup' }))).toBe(
    'ok',
  );
  const names = Array.from({ length: 50 }, (_, i) => `custom${i}`);
  for (const name of [...names, 'custom50']) sim.addEmoji(name);
  for (const name of names.slice(0, 22)) expect(await add(name)).toBe('ok');
  expect(await add('custom22')).toBe('too_many_reactions');
  const other = sim.post({ channel, user: ann, text: 'crowded' });
  for (const name of names) sim.react({ channel, ts: other, user: ann, name });
  expect(await add('custom50', { timestamp: other })).toBe('too_many_emoji');
  expect((await client.reactions.list({})).items).toHaveLength(1);
});

test('many reactions: the count is complete although the list of people is not', async () => {
  const { sim, ann, client, channel } = await startStage();
  const ts = sim.post({ channel, user: ann, text: 'popular' });
  for (let i = 0; i < 40; i += 1)
    sim.react({ channel, ts, user: sim.addUser({ name: `u${i}` }), name: 'tada' });
  const { messages = [] } = await client.conversations.history({ channel });
  expect(messages[0]?.reactions?.[0]?.count).toBe(40);
  expect(messages[0]?.reactions?.[0]?.users?.length).toBeLessThan(40);
  const got = await client.reactions.get({ channel, timestamp: ts, full: true });
  expect(got.message?.reactions?.[0]?.users).toHaveLength(40);
});

test('people, channels, permalinks and ephemeral messages', async () => {
  const { sim, ann, client, channel } = await startStage({ scopes: MANY_SCOPES });
  expect((await client.users.info({ user: ann })).user).toMatchObject({
    real_name: 'Ann Lee',
    tz: 'Europe/Berlin',
    tz_label: expect.stringMatching(/^Central European (Summer|Standard) Time$/),
    tz_offset: expect.toSatisfy((offset) => offset === 3600 || offset === 7200),
  });
  // The locale is returned only on request.
  expect((await client.users.info({ user: ann })).user).not.toHaveProperty('locale');
  expect((await client.users.info({ user: ann, include_locale: true })).user).toMatchObject({
    locale: 'en-US',
  });
  expect(await refusal(client.users.info({ user: 'U404' }))).toBe('user_not_found');
  const outside = sim.addChannel({ name: 'secret', isPrivate: true, members: [ann] });
  expect(await refusal(client.conversations.info({ channel: outside }))).toBe('channel_not_found');
  expect((await client.conversations.info({ channel })).channel).toMatchObject({
    name: 'feedback',
    is_member: true,
  });
  expect(
    (await client.users.conversations({ types: 'public_channel,private_channel' })).channels,
  ).toHaveLength(1);
  const first = await client.users.list({ limit: 1 });
  const second = await client.users.list({
    limit: 1,
    cursor: first.response_metadata?.next_cursor ?? '',
  });
  expect([first, second].map((p) => p.members?.[0]?.name)).toEqual(['simbot', 'ann']);
  expect((await client.conversations.members({ channel })).members).toEqual([ann, sim.botUserId]);
  const other = sim.addChannel({ name: 'other', members: [ann] });
  await client.conversations.join({ channel: other });
  expect((await client.conversations.list({})).channels).toHaveLength(2);
  const im = await client.conversations.open({ users: ann });
  expect((await client.chat.postMessage({ channel: ann, text: 'psst' })).channel).toBe(
    im.channel?.id,
  );
  const ts = sim.post({ channel, user: ann, text: 'hi' });
  const reply = sim.post({ channel, user: ann, text: 'more', threadTs: ts });
  const link = await client.chat.getPermalink({ channel, message_ts: reply });
  expect(link.permalink).toBe(
    `https://sim-team.slack.com/archives/${channel}/p${reply.replace('.', '')}?thread_ts=${ts}&cid=${channel}`,
  );
  expect(await refusal(client.chat.postEphemeral({ channel, user: 'U404', text: 'x' }))).toBe(
    'user_not_in_channel',
  );
  await client.chat.postEphemeral({ channel, user: ann, text: 'only you' });
  expect(sim.ephemerals(ann).map((e) => e.text)).toEqual(['only you']);
  expect(
    (await client.emoji.list()).ok &&
      (await client.team.info()).ok &&
      (await client.bots.info({ bot: sim.botId })).ok,
  ).toBe(true);
});

test('an upload goes through its three steps', async () => {
  const { sim, client, channel } = await startStage({ scopes: MANY_SCOPES });
  await client.files.uploadV2({
    channel_id: channel,
    filename: 'a.csv',
    content: 'a,b\n1,2\n',
    initial_comment: 'export',
  });
  await sim.waitFor(() => sim.messages(channel).some(({ files }) => files));
  expect(sim.messages(channel)).toMatchObject([
    { subtype: 'file_share', text: 'export', files: [{ name: 'a.csv' }] },
  ]);
});

test('unusual characters reach the app unchanged', async () => {
  const { sim, ann, client, channel } = await startStage();
  const text = `nul \u0000 lone \ud83d rtl \u202e end`;
  sim.post({ channel, user: ann, text });
  const { messages } = await client.conversations.history({ channel });
  expect(messages?.[0]?.text).toBe(text);
});

test('JSON bodies work as well as forms', async () => {
  const { sim, channel } = await startStage();
  const answer = await fetch(`${sim.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sim.botToken}`,
      'content-type': 'application/json; charset=utf-8',
    },
    body: JSON.stringify({ channel, text: 'a < b & c', blocks: [section('hi')] }),
  });
  expect(await answer.json()).toMatchObject({ ok: true, message: { text: 'a &lt; b &amp; c' } });
  expect(sim.calls.at(-1)).toMatchObject({
    method: 'chat.postMessage',
    ok: true,
    args: { channel },
  });
});

test('a reply without a parent goes to the channel if the workspace is set to that', async () => {
  const { sim, client, channel } = await startStage({ orphanReplies: 'top_level' });
  await client.chat.postMessage({ channel, text: 'x', thread_ts: '1700000000.000100' });
  expect(sim.messages(channel)[0]).not.toHaveProperty('thread_ts');
});

test('the client reports when its socket token is refused', async () => {
  const { sim } = await startStage();
  const app = createClient(sim, { headers: { Authorization: `Bearer ${sim.appToken}` } });
  expect(await refusal(app.auth.test({ token: sim.appToken }))).toBe('not_allowed_token_type');
});

test('an idle connection stays open for a minute, so that a busy client never meets a closed one', async () => {
  const { sim } = await startStage();
  const answer = await fetch(`${sim.apiUrl}auth.test`, { method: 'POST' });
  expect(answer.headers.get('keep-alive')).toBe('timeout=60');
});
