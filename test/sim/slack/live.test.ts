import { expect, test } from 'vitest';
import type { Backstage } from '../../../sim/slack/backstage.ts';
import type { PageOptions } from '../../../sim/slack/page-options.ts';
import { openPage } from './open-page.ts';
import { createApp, section, startStage } from './start-sim.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** A workspace that serves its page, and Ann's page with its channel. */
async function startPage(options: Partial<PageOptions> = {}) {
  const stage = await startStage();
  stage.sim.servePage({ root: '/nowhere', ...options });
  const page = await openPage(stage.sim);
  await page.do({ kind: 'be', user: stage.ann });
  await page.do({ kind: 'watch-channel', channel: stage.channel });
  return { ...stage, page };
}

test('only the stand-in’s own page can connect, and only when it is on', async () => {
  const { sim } = await startStage();
  await expect(openPage(sim)).rejects.toThrow('403');
  sim.servePage({ root: '/nowhere' });
  await expect(openPage(sim, { origin: 'https://evil.example' })).rejects.toThrow('403');
  await expect(openPage(sim, { host: 'evil.example' })).rejects.toThrow('403');
  const page = await openPage(sim, { origin: sim.url });
  expect(page.hello).toMatchObject({ botUserId: sim.botUserId, commands: [], shortcuts: [] });
});

test('an invalid request closes the connection', async () => {
  const { sim } = await startStage();
  sim.servePage({ root: '/nowhere' });
  for (const text of ['no json', '{}', '{"id":1,"action":{"kind":"be"}}', '[1]']) {
    const page = await openPage(sim);
    page.sendRaw(text);
    await page.until(() => page.closed !== undefined);
    expect(page.closed?.code).toBe(1007);
  }
});

test('a page can see and do nothing before it has chosen a person', async () => {
  const { sim, channel, ann } = await startStage();
  sim.servePage({ root: '/nowhere' });
  const page = await openPage(sim);
  const post = { kind: 'post', channel, text: 'hello' } as const;
  expect((await page.do(post)).error).toBe('Choose first who you are.');
  expect((await page.do({ kind: 'be', user: 'U404' })).error).toBe('There is no such person.');
  expect((await page.do({ kind: 'watch-channel', channel })).error).toBeDefined();
  expect(page.state.channels).toBeUndefined();
  expect(page.state.people?.map((p) => p.id)).toContain(ann);
});

test('rich text reaches the page only where it says more than the text', async () => {
  const { sim, channel, page } = await startPage();
  const { ts = '' } = await page.do({ kind: 'post', channel, text: 'It *crashes*' });
  expect(sim.message(channel, ts)).toHaveProperty('blocks');
  const [block] = sim.message(channel, ts)?.blocks ?? [];
  sim.post({
    channel,
    botId: sim.addIntegration({ name: 'Form' }),
    text: 'x',
    blocks: [{ ...block }],
  });
  await page.do({ kind: 'watch-channel', channel });
  const [typed, posted] = page.channel.messages;
  expect(typed).not.toHaveProperty('blocks');
  expect(posted).toHaveProperty('blocks');
});

test('posts, replies, edits, reactions and deletions arrive as they happen', async () => {
  const { sim, ann, channel, page } = await startPage();
  const ben = sim.addUser({ name: 'ben' });
  const { ts = '' } = await page.do({
    kind: 'post',
    channel,
    text: 'a <b> & @BEN, @nobody in #feedback: https://x.example/?a=1&b=2. `@ben <`',
  });
  expect(page.channel.messages[0]).toMatchObject({
    user: ann,
    text: `a &lt;b&gt; &amp; <@${ben}>, @nobody in <#${channel}|feedback>: <https://x.example/?a=1&amp;b=2>. \`@ben &lt;\``,
  });
  await page.do({ kind: 'watch-thread', channel, ts });
  await page.do({ kind: 'post', channel, text: 'in the thread', threadTs: ts });
  await page.do({ kind: 'post', channel, text: 'for all', threadTs: ts, broadcast: true });
  await page.do({ kind: 'react', channel, ts, name: 'thumbsup' });
  expect((await page.do({ kind: 'react', channel, ts, name: 'no_such' })).error).toContain(
    ':no_such:',
  );
  expect(page.thread.messages.map((m) => m.text).slice(1)).toEqual(['in the thread', 'for all']);
  expect(page.channel.messages).toMatchObject([
    { reply_count: 2, reactions: [{ name: '+1', users: [ann], count: 1 }] },
    { text: 'for all', subtype: 'thread_broadcast' },
  ]);
  await page.do({ kind: 'unreact', channel, ts, name: '+1' });
  await page.do({ kind: 'edit', channel, ts, text: 'better' });
  expect(page.channel.messages[0]).toMatchObject({ text: 'better', reactions: [], edited: {} });
  const before = page.upserts;
  sim.post({ channel, user: ann, text: 'from elsewhere' });
  await page.until(() => page.channel.messages.length === 3);
  expect(page.upserts).toBe(before + 1);
  const last = page.channel.messages[2]?.ts ?? '';
  await page.do({ kind: 'delete', channel, ts: last });
  expect(page.channel.messages.map((m) => m.ts)).not.toContain(last);
});

test('people change only their own messages and write only in their channels', async () => {
  const { sim, channel, client, page } = await startPage();
  const ben = sim.addUser({ name: 'ben' });
  const secret = sim.addChannel({ name: 'secret', isPrivate: true, members: [ben] });
  const open = sim.addChannel({ name: 'open', members: [ben] });
  const theirs = sim.post({ channel: open, user: ben, text: 'mine' });
  const { ts: bots = '' } = await client.chat.postMessage({ channel, text: 'a bot speaks' });
  const errorOf = async (action: Parameters<typeof page.do>[0]) => (await page.do(action)).error;
  expect(await errorOf({ kind: 'post', channel: secret, text: 'x' })).toBe(
    'There is no such channel.',
  );
  expect(await errorOf({ kind: 'watch-channel', channel: secret })).toBeDefined();
  expect(await errorOf({ kind: 'post', channel: open, text: 'x' })).toBe(
    'Ann Lee is not in this channel.',
  );
  expect(await errorOf({ kind: 'watch-channel', channel: open })).toBeUndefined();
  expect(await errorOf({ kind: 'edit', channel, ts: bots, text: 'x' })).toContain('your own');
  expect(await errorOf({ kind: 'delete', channel, ts: bots })).toContain('your own');
  expect(await errorOf({ kind: 'delete', channel: open, ts: theirs })).toBeDefined();
  expect(await errorOf({ kind: 'post', channel, text: ' \n ' })).toBe('There is nothing to post.');
  expect(page.state.channels?.map((c) => [c.name, c.isMember])).toEqual([
    ['feedback', true],
    ['open', false],
  ]);
  await page.do({ kind: 'be', user: ben });
  expect(page.state.channels?.map((c) => c.name)).toContain('secret');
});

test('a person who sees the same channels as the last one gets them too', async () => {
  const { sim, ann, channel, page } = await startPage();
  const ben = sim.addUser({ name: 'ben' });
  sim.join(channel, ben);
  await page.do({ kind: 'be', user: ann });
  const seen = page.state.channels;
  expect(seen).toHaveLength(1);
  await page.do({ kind: 'be', user: ben });
  expect(page.state.channels).toEqual(seen);
});

test('the page gets the newest 200 messages, older ones on request, or all from one message on', async () => {
  const { sim, ann, channel, page } = await startPage();
  const all = Array.from({ length: 1000 }, (_, i) =>
    sim.post({ channel, user: ann, text: `no. ${i}`, silent: true }),
  );
  const parent = all[10] ?? '';
  for (let i = 0; i < 250; i += 1) sim.post({ channel, user: ann, text: 'r', threadTs: parent });
  await page.do({ kind: 'watch-channel', channel });
  expect(page.channel).toMatchObject({ hasOlder: true });
  expect(page.channel.messages.map((m) => m.ts)).toEqual(all.slice(-200));
  await page.do({ kind: 'older', of: 'channel' });
  expect(page.channel.messages.map((m) => m.ts)).toEqual(all.slice(-400));
  await page.do({ kind: 'watch-channel', channel, upTo: all[300] ?? '' });
  expect(page.channel.messages.map((m) => m.ts)).toEqual(expect.arrayContaining(all.slice(300)));
  await page.do({ kind: 'watch-channel', channel, upTo: all[3] ?? '' });
  expect(page.channel).toMatchObject({ hasOlder: false });
  expect(page.channel.messages).toHaveLength(1000);
  await page.do({ kind: 'watch-thread', channel, ts: parent });
  expect(page.thread).toMatchObject({ hasOlder: true });
  expect(page.thread.messages).toHaveLength(201);
  await page.do({ kind: 'older', of: 'thread' });
  expect(page.thread).toMatchObject({ hasOlder: false });
  expect(page.thread.messages).toHaveLength(251);
  expect(page.thread.messages[0]?.ts).toBe(parent);
});

test('commands answer only their person, and report when the app does not answer', async () => {
  const { sim, channel, page } = await startPage({
    commands: [{ command: '/hello', description: 'Greets', hint: '[name]' }],
    shortcuts: [{ callbackId: 'look', name: 'Look at it' }],
  });
  expect(page.hello).toMatchObject({
    commands: [{ command: '/hello', hint: '[name]' }],
    shortcuts: [{ callbackId: 'look' }],
  });
  const hello = { kind: 'command', channel, command: '/hello', text: 'you <there>' } as const;
  expect((await page.do(hello)).error).toBe('/hello failed: dispatch_failed');
  const app = createApp(sim);
  app.command('/hello', async ({ ack, command }) => ack(`hi ${command.text}`));
  await app.start();
  const other = await openPage(sim);
  await other.do({ kind: 'be', user: sim.addUser({ name: 'ben' }) });
  expect((await page.do(hello)).error).toBeUndefined();
  expect(page.state.ephemerals).toMatchObject([{ text: 'hi you &lt;there&gt;', channel }]);
  expect(other.state.ephemerals).toEqual([]);
});

test('a command that escapes is sent whom and what was named, another one what was typed', async () => {
  const { sim, ann, channel, page } = await startPage({
    commands: [{ command: '/escapes', escapes: true }, { command: '/plain' }],
  });
  const heard: string[] = [];
  const app = createApp(sim);
  for (const command of ['/escapes', '/plain']) {
    app.command(command, async ({ ack, command: { text } }) => {
      heard.push(text);
      await ack();
    });
  }
  await app.start();
  const text = 'tell @ann and @nobody in #feedback about https://example.com';
  await page.do({ kind: 'command', channel, command: '/escapes', text });
  await page.do({ kind: 'command', channel, command: '/plain', text });
  expect(heard).toEqual([
    `tell <@${ann}|ann> and @nobody in <#${channel}|feedback> about <https://example.com>`,
    text,
  ]);
});

test('a modal is opened, refused with a field error, covered by another one, and closed', async () => {
  const { sim, ann, channel, page } = await startPage();
  const app = createApp(sim);
  const heard: unknown[] = [];
  const input = (block_id: string) => ({
    type: 'input' as const,
    block_id,
    label: plain('Why'),
    optional: true,
    element: { type: 'plain_text_input' as const, action_id: 'text', initial_value: 'old' },
  });
  const modal = (callback_id: string) => ({
    type: 'modal' as const,
    callback_id,
    title: plain(callback_id),
    submit: plain('Save'),
    private_metadata: 'for the app only',
    notify_on_close: true,
    blocks: [
      input('why'),
      {
        type: 'actions' as const,
        block_id: 'more',
        elements: [{ type: 'button' as const, text: plain('More'), action_id: 'more' }],
      },
    ],
  });
  app.shortcut('look', async ({ ack, client, shortcut }) => {
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: modal('first') });
  });
  app.action('more', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    heard.push(body.view?.state.values.why?.text?.value);
    await client.views.push({ trigger_id: body.trigger_id, view: modal('second') });
  });
  app.view('first', async ({ ack }) =>
    ack({ response_action: 'errors', errors: { why: 'Say more.' } }),
  );
  app.view({ type: 'view_closed', callback_id: /.*/ }, async ({ ack, view, body }) => {
    await ack();
    heard.push([view.callback_id, 'is_cleared' in body && body.is_cleared]);
  });
  await app.start();
  const ts = sim.post({ channel, user: ann, text: 'hmm' });
  await page.do({ kind: 'shortcut', channel, ts, callbackId: 'look' });
  await page.until(() => page.state.views?.length === 1);
  const first = page.state.views?.[0];
  expect(first?.view).not.toHaveProperty('private_metadata');
  const viewId = first?.id ?? '';
  const values = { why: { text: null } };
  expect((await page.do({ kind: 'submit-view', viewId, values })).fieldErrors).toEqual({
    why: 'Say more.',
  });
  const push = async (typed: string) => {
    await page.do({
      kind: 'press-element',
      origin: { kind: 'view', viewId, values: { why: { text: typed } } },
      blockId: 'more',
      actionId: 'more',
    });
    await page.until(() => page.state.views?.length === 2);
    return page.state.views?.[1]?.id ?? '';
  };
  const second = await push('typed so far');
  await page.do({ kind: 'close-view', viewId: second });
  expect(page.state.views?.map((v) => v.id)).toEqual([viewId]);
  await page.do({ kind: 'close-view', viewId: await push('again'), all: true });
  expect(page.state.views).toEqual([]);
  expect(heard).toEqual([
    'typed so far',
    ['second', false],
    'again',
    expect.arrayContaining(['first', true]),
    expect.arrayContaining(['second', true]),
  ]);
  expect((await page.do({ kind: 'close-view', viewId })).error).toContain('no open view');
});

test('elements with the same action_id differ by block; several options can be chosen', async () => {
  const { sim, channel, client, page } = await startPage();
  const app = createApp(sim);
  const heard: unknown[] = [];
  app.action(/.*/, async ({ ack, action }) => {
    await ack();
    heard.push(action);
  });
  await app.start();
  const options = ['a', 'b', 'c'].map((value) => ({ text: plain(value), value }));
  const { ts = '' } = await client.chat.postMessage({
    channel,
    text: 'choose',
    blocks: ['one', 'two'].map((block_id) => ({
      ...section(block_id),
      block_id,
      accessory: { type: 'multi_static_select' as const, action_id: 'pick', options },
    })),
  });
  const origin = { kind: 'message', channel, ts } as const;
  const pick = { kind: 'press-element', origin, blockId: 'two', actionId: 'pick' } as const;
  await page.do({ ...pick, selectedOptions: ['c', 'a'] });
  await page.do({ ...pick, selectedOptions: [] });
  expect(heard).toMatchObject([
    { block_id: 'two', selected_options: [{ value: 'c' }, { value: 'a' }] },
    { block_id: 'two', selected_options: [] },
  ]);
  expect((await page.do({ ...pick, blockId: 'three', selectedOptions: ['a'] })).error).toContain(
    'no element',
  );
});

test('each person gets their own Home tab', async () => {
  const { sim, ann, client, page } = await startPage();
  const app = createApp(sim);
  app.event('app_home_opened', async ({ event }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [section(`Hello ${event.tab}`)] },
    });
  });
  await app.start();
  expect(page.state.home).toBeNull();
  await page.do({ kind: 'open-home' });
  await page.until(() => page.state.home != null);
  expect(page.state.home?.view).toMatchObject({ blocks: [{ text: { text: 'Hello home' } }] });
  await page.do({ kind: 'be', user: sim.addUser({ name: 'ben' }) });
  expect(page.state.home).toBeNull();
  await page.do({ kind: 'be', user: ann });
  expect(page.state.home).not.toBeNull();
});

test('the app’s calls are shown without tokens and texts', async () => {
  const { sim, channel, client, page } = await startPage();
  sim.faults.add({ method: 'chat.postMessage', kind: 'rate_limit', retryAfter: 7 });
  await client.chat.postMessage({ channel, text: 'secret words' }).catch(() => {});
  await client.chat.postMessage({ channel, text: 'secret words' });
  await page.until(() => page.state.traffic?.total === 2);
  expect(page.state.traffic).toMatchObject({
    rateLimited: 1,
    sockets: 0,
    calls: [
      { method: 'chat.postMessage', ok: false, status: 429, retryAfter: 7 },
      { method: 'chat.postMessage', ok: true, status: 200 },
    ],
  });
  expect(JSON.stringify(page.state.traffic)).not.toMatch(/secret|xoxb/);
});

test('the backstage of the host is shown, kept up to date and used', async () => {
  const listeners = new Set<() => void>();
  let value = 'one';
  const backstage: Backstage = {
    banner: 'Nothing here is real.',
    state: () => ({
      sections: [{ title: 'A machine', facts: [{ label: 'state', value }], controls: [] }],
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async press(id, chosen) {
      if (id !== 'set') throw new Error('There is no such button.');
      value = chosen ?? '';
      for (const listener of listeners) listener();
    },
  };
  const { sim, page } = await startPage({ backstage });
  expect(page.hello.banner).toBe('Nothing here is real.');
  expect(page.state.backstage?.sections[0]?.facts).toEqual([{ label: 'state', value: 'one' }]);
  await page.do({ kind: 'press-backstage', id: 'set', value: 'two' });
  expect(page.state.backstage?.sections[0]?.facts[0]?.value).toBe('two');
  expect((await page.do({ kind: 'press-backstage', id: 'other' })).error).toBe(
    'There is no such button.',
  );
  sim.servePage({ root: '/nowhere' });
  await page.until(() => page.closed !== undefined);
  expect(listeners.size).toBe(0);
});
