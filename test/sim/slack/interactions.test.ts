import { expect, test } from 'vitest';
import { createApp, refusal, section, startStage } from './start-sim.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const buttons = {
  type: 'actions' as const,
  elements: [
    { type: 'button' as const, text: plain('Claim'), action_id: 'claim', value: '7' },
    {
      type: 'static_select' as const,
      action_id: 'category',
      options: [
        { text: plain('Bug'), value: 'bug' },
        { text: plain('Praise'), value: 'praise' },
      ],
    },
  ],
};

test('a command is acked, its answer is shown, and response_url works five times', async () => {
  const { sim, ann, channel } = await startStage({ commands: ['/hello', '/bad', '/loud'] });
  const app = createApp(sim);
  const refused: unknown[] = [];
  const answered = Promise.withResolvers<void>();
  app.command('/hello', async ({ ack, respond, command }) => {
    await ack({ text: `hi ${command.user_name} in ${command.channel_name}` });
    for (let i = 1; i <= 6; i += 1) {
      await respond({ text: `no. ${i}` }).catch((error: unknown) => refused.push(error));
    }
    answered.resolve();
  });
  app.command('/bad', async ({ ack }) => ack({ text: 'x', blocks: [section('')] }));
  app.command('/loud', async ({ ack }) => ack({ text: 'all', response_type: 'in_channel' }));
  await app.start();
  const answer = await sim.command({ command: '/hello', text: 'now', user: ann, channel });
  expect(answer).toEqual({ acked: true, response: { text: 'hi ann in feedback' } });
  await answered.promise;
  expect(refused).toHaveLength(1);
  expect(sim.ephemerals(ann).map((e) => e.text)).toEqual([
    'hi ann in feedback',
    ...[1, 2, 3, 4, 5].map((n) => `no. ${n}`),
  ]);
  expect(await sim.command({ command: '/bad', user: ann, channel })).toEqual({
    acked: false,
    error: 'invalid_command_response',
  });
  await sim.command({ command: '/loud', user: ann, channel });
  expect(sim.messages(channel)).toMatchObject([{ text: 'all', subtype: 'bot_message' }]);
  expect(await sim.command({ command: '/other', user: ann, channel })).toEqual({
    acked: false,
    error: 'invalid_command',
  });
});

test('a command fails without an ack in time or without a connection', async () => {
  const { sim, ann, channel } = await startStage({ ackTimeoutMs: 30 });
  expect(await sim.command({ command: '/slow', user: ann, channel })).toEqual({
    acked: false,
    error: 'dispatch_failed',
  });
  const app = createApp(sim);
  app.command('/slow', async () => {});
  await app.start();
  expect(await sim.command({ command: '/slow', user: ann, channel })).toEqual({
    acked: false,
    error: 'operation_timeout',
  });
});

test('clicks use the blocks of the message', async () => {
  const { sim, ann, channel, client } = await startStage();
  const app = createApp(sim);
  const bodies: Record<string, unknown>[] = [];
  app.action(/.*/, async ({ ack, body, respond, action }) => {
    await ack();
    bodies.push(body as unknown as Record<string, unknown>);
    if (action.type === 'button') await respond({ replace_original: true, text: 'claimed' });
  });
  await app.start();
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'card', blocks: [buttons] });
  await expect(sim.click({ channel, ts, user: ann, actionId: 'nothing' })).rejects.toThrow(
    /there are: claim=7, category/,
  );
  await expect(
    sim.click({ channel, ts, user: ann, actionId: 'category', selectedOption: 'x' }),
  ).rejects.toThrow(/bug, praise/);
  await sim.click({ channel, ts, user: ann, actionId: 'category', selectedOption: 'praise' });
  expect(bodies[0]).toMatchObject({
    type: 'block_actions',
    user: { id: ann },
    container: { message_ts: ts, channel_id: channel, is_ephemeral: false },
    message: { ts, bot_id: sim.botId },
    actions: [
      { type: 'static_select', action_id: 'category', selected_option: { value: 'praise' } },
    ],
  });
  expect(await sim.click({ channel, ts, user: ann, actionId: 'claim', value: '7' })).toMatchObject({
    acked: true,
  });
  await sim.waitFor(() => sim.message(channel, ts)?.text === 'claimed');
  expect(sim.message(channel, ts)?.blocks).toBeUndefined();
});

test('ephemeral messages can be clicked, replaced and deleted', async () => {
  const { sim, ann, channel, client } = await startStage();
  const app = createApp(sim);
  app.action('claim', async ({ ack, respond }) => {
    await ack();
    await respond({
      replace_original: true,
      text: 'thanks',
      blocks: [{ ...buttons, elements: [{ ...buttons.elements[0], action_id: 'close' }] }] as never,
    });
  });
  app.action('close', async ({ ack, respond }) => {
    await ack();
    await respond({ delete_original: true });
  });
  await app.start();
  await client.chat.postEphemeral({ channel, user: ann, text: 'yours', blocks: [buttons] });
  const [{ id = '' } = {}] = sim.ephemerals(ann);
  await sim.click({ channel, user: ann, actionId: 'claim', ephemeral: id });
  await sim.waitFor(() => sim.ephemerals(ann)[0]?.text === 'thanks');
  await sim.click({ channel, user: ann, actionId: 'close', ephemeral: id });
  await sim.waitFor(() => sim.ephemerals(ann).length === 0);
});

test('a shortcut opens a modal, its submission has the values, and a trigger works once', async () => {
  const { sim, ann, channel } = await startStage();
  const app = createApp(sim);
  const submitted: unknown[] = [];
  const triggers: string[] = [];
  const view = {
    type: 'modal' as const,
    callback_id: 'fix',
    title: plain('Fix'),
    submit: plain('Save'),
    private_metadata: 'm',
    blocks: [
      {
        type: 'input' as const,
        block_id: 'why',
        label: plain('Why'),
        element: { type: 'plain_text_input' as const, action_id: 'text' },
      },
      {
        type: 'input' as const,
        block_id: 'what',
        optional: true,
        label: plain('What'),
        element: { ...buttons.elements[1], action_id: 'pick' } as never,
      },
    ],
  };
  app.shortcut('fix_it', async ({ ack, client, shortcut }) => {
    await ack();
    triggers.push(shortcut.trigger_id);
    await client.views.open({ trigger_id: shortcut.trigger_id, view });
  });
  app.view('fix', async ({ ack, view: sent }) => {
    submitted.push(sent.state.values);
    const why = sent.state.values.why?.text?.value;
    if (why === 'no') await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
    else if (why === 'stray') await ack({ response_action: 'errors', errors: { nope: 'Hm.' } });
    else await ack();
  });
  await app.start();
  const ts = sim.post({ channel, user: ann, text: 'hmm' });
  await sim.shortcut({ callbackId: 'fix_it', channel, ts, user: ann });
  const opened = await sim.waitFor(() => sim.views[0]);
  await expect(
    sim.submitView({ viewId: opened.id, values: { why: { text: '' } } }),
  ).rejects.toThrow(/required/);
  await expect(
    sim.submitView({ viewId: opened.id, values: { why: { text: 'x' }, nope: { a: 'b' } } }),
  ).rejects.toThrow(/no input nope a/);
  await sim.submitView({ viewId: opened.id, values: { why: { text: 'no' } } });
  expect(sim.views).toHaveLength(1);
  // Errors must name an input.
  expect(await sim.submitView({ viewId: opened.id, values: { why: { text: 'stray' } } })).toEqual({
    acked: false,
    error: 'invalid_view_errors',
  });
  expect(sim.views).toHaveLength(1);
  await sim.submitView({
    viewId: opened.id,
    values: { why: { text: 'because' }, what: { pick: 'bug' } },
  });
  expect(sim.views).toHaveLength(0);
  expect(submitted.at(-1)).toMatchObject({
    why: { text: { value: 'because' } },
    what: { pick: { selected_option: { value: 'bug' } } },
  });
  const open = (trigger_id: string) => refusal(app.client.views.open({ trigger_id, view }));
  expect(await open(triggers[0] ?? '')).toBe('exchanged_trigger_id');
  expect(await open('1.2')).toBe('invalid_trigger_id');
});

test('a modal without a button to submit it cannot be submitted', async () => {
  const { sim, ann, channel } = await startStage();
  const app = createApp(sim);
  app.shortcut('look', async ({ ack, client, shortcut }) => {
    await ack();
    const view = { type: 'modal' as const, title: plain('Look'), blocks: [] };
    await client.views.open({ trigger_id: shortcut.trigger_id, view });
  });
  await app.start();
  const ts = sim.post({ channel, user: ann, text: 'hmm' });
  await sim.shortcut({ callbackId: 'look', channel, ts, user: ann });
  const { id } = await sim.waitFor(() => sim.views[0]);
  await expect(sim.submitView({ viewId: id })).rejects.toThrow(/no button to submit/);
});

test('the Home tab is published, opened and clicked; a stale hash is refused', async () => {
  const { sim, ann, client } = await startStage();
  const app = createApp(sim);
  const seen: string[] = [];
  app.action('claim', async ({ ack, body }) => {
    await ack();
    seen.push(body.type === 'block_actions' ? (body.view?.type ?? '') : '');
  });
  await app.start();
  const view = { type: 'home' as const, blocks: [buttons] };
  const first = await client.views.publish({ user_id: ann, view });
  await client.views.publish({ user_id: ann, view, hash: first.view?.hash ?? '' });
  expect(
    await refusal(client.views.publish({ user_id: ann, view, hash: first.view?.hash ?? '' })),
  ).toBe('hash_conflict');
  const longBlock = {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x'.repeat(3000) }] }],
  } as const;
  const large = { ...view, blocks: Array.from({ length: 90 }, () => longBlock) };
  expect(await refusal(client.views.publish({ user_id: ann, view: large }))).toBe('view_too_large');
  const named = { ...view, external_id: 'one' };
  await client.views.publish({ user_id: ann, view: named });
  await client.views.publish({ user_id: ann, view: named });
  const ben = sim.addUser({ name: 'ben' });
  expect(await refusal(client.views.publish({ user_id: ben, view: named }))).toBe(
    'duplicate_external_id',
  );
  expect(await refusal(client.views.publish({ user_id: 'U404', view }))).toBe('user_not_found');
  await sim.click({ home: true, user: ann, actionId: 'claim' });
  expect(seen).toEqual(['home']);
  expect(sim.home(ann)?.view).toMatchObject({ type: 'home' });
});

test('an old response_url has expired, and bad blocks are refused there too', async () => {
  const { sim, ann, channel } = await startStage();
  const app = createApp(sim);
  const urls: string[] = [];
  app.command('/x', async ({ ack, command }) => {
    urls.push(command.response_url);
    await ack();
  });
  await app.start();
  await sim.command({ command: '/x', user: ann, channel });
  const send = async (body: object) => {
    const answer = await fetch(urls[0] ?? '', { method: 'POST', body: JSON.stringify(body) });
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  expect(await send({ text: 'x', blocks: [section('')] })).toEqual([400, 'invalid_blocks']);
  expect(await send({ text: 'fine' })).toEqual([200, undefined]);
  sim.expireResponseUrls();
  expect(await send({ text: 'late' })).toEqual([404, 'expired_url']);
});
