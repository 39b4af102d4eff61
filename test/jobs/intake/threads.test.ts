import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { TRIAGE_SHORTCUT } from '../../../src/slack/blocks/actions.ts';
import { type Stage, startWith } from '../../harness.ts';
import { BUG, DAY_MS, startSummedUp } from '../../people/stage.ts';

/** Replies that no event brought, wherever in their thread they are. */

const LOOK_BACK = { lookBackMs: 3 * DAY_MS };
const REPLIES = 'conversations.replies';

const replies = async (stage: Stage) =>
  (
    await stage.rows(
      sql<{ text: string }>`select text from replies where deleted_at is null order by ts`,
    )
  ).map(({ text }) => text);

/** A thread whose replies have been heard. */
async function startThread(heard: string[]) {
  const stage = await startWith(['It crashes when I save']);
  const { slack, channel, user, sent } = stage;
  const [threadTs = ''] = sent;
  const reply = (text: string, silent = false) =>
    slack.post({ channel, user, text, threadTs, silent });
  const heardTs = heard.map((text) => reply(text));
  await slack.idle();
  return Object.defineProperties(
    { threadTs, heardTs, reply },
    Object.getOwnPropertyDescriptors(stage),
  ) as typeof stage & { threadTs: string; heardTs: string[]; reply: typeof reply };
}

describe('what no event brought is found', () => {
  test.each([
    ['by any sweep', {}],
    ['by a look-back', LOOK_BACK],
  ])('a reply before one that was heard, %s', async (_name, how) => {
    const stage = await startThread([]);
    stage.reply('missed', true);
    stage.reply('heard');
    await stage.slack.idle();
    await sweep(stage.context, how);
    expect(await replies(stage)).toEqual(['missed', 'heard']);
  });

  test('an edited reply, by a look-back', async () => {
    const stage = await startThread(['it works for me']);
    const { slack, channel, context, heardTs } = stage;
    const [ts = ''] = heardTs;
    slack.edit({ channel, ts, text: 'it fails for me too', silent: true });
    await sweep(context, LOOK_BACK);
    expect(await replies(stage)).toEqual(['it fails for me too']);
  });

  test.each([
    ['the first', 0],
    ['the last', 1],
  ])('a deleted reply, by any sweep: %s of two', async (_name, which) => {
    const stage = await startThread(['one', 'two']);
    const { slack, channel, context, heardTs } = stage;
    slack.delete({ channel, ts: heardTs[which] ?? '', silent: true });
    await sweep(context);
    expect(await replies(stage)).toEqual(which === 0 ? ['two'] : ['one']);
  });

  test('the only reply, after which history says nothing of a thread', async () => {
    const stage = await startThread(['only']);
    const { slack, channel, context, heardTs } = stage;
    slack.delete({ channel, ts: heardTs[0] ?? '', silent: true });
    await sweep(context);
    expect(await replies(stage)).toEqual([]);
  });

  test('one reply deleted and another posted, with the same number of them', async () => {
    const stage = await startThread(['one', 'two']);
    const { slack, channel, context, heardTs } = stage;
    slack.delete({ channel, ts: heardTs[0] ?? '', silent: true });
    stage.reply('three', true);
    await sweep(context);
    expect(await replies(stage)).toEqual(['two', 'three']);
  });

  test('a deleted reply that a person had added: it needs no attention any more', async () => {
    const people = await startSummedUp(['How do I export?']);
    const { slack, channel, user, ben, context } = people;
    const threadTs = people.sent[0] ?? '';
    const ts = slack.post({ channel, user, text: BUG, threadTs });
    await slack.idle();
    await slack.shortcut({ callbackId: TRIAGE_SHORTCUT, user: ben, channel, ts });
    await people.sumUp();
    expect(await people.flag(ts)).toMatchObject({ state: 'open' });
    slack.delete({ channel, ts, silent: true });
    await sweep(context, LOOK_BACK);
    expect(await people.flag(ts)).toMatchObject({ state: 'withdrawn' });
  });
});

describe('absence proves nothing in a thread either', () => {
  test('a reply that a reading lacks is asked for, and one that comes again is revived', async () => {
    const stage = await startThread(['one', 'two']);
    const { slack, context, heardTs, channel, threadTs } = stage;
    const parent = slack.message(channel, threadTs);
    const [, ts = ''] = heardTs;
    const answer = { messages: [parent, slack.message(channel, heardTs[0] ?? '')] };
    const deny = () =>
      slack.faults.add({ method: REPLIES, kind: 'answer', body: { ...answer, has_more: false } });
    deny();
    await sweep(context, LOOK_BACK);
    expect(await replies(stage)).toEqual(['one', 'two']);
    const match = ({ latest }: { latest?: unknown }) => latest === ts;
    slack.faults.add({ method: REPLIES, kind: 'answer', body: { messages: [parent] }, match });
    deny();
    await sweep(context, LOOK_BACK);
    expect(await replies(stage)).toEqual(['one']);
    await sweep(context, LOOK_BACK);
    expect(await replies(stage)).toEqual(['one', 'two']);
  });

  test('a thread that is not whole is read again, and so is its channel', async () => {
    const stage = await startThread(['one']);
    const { slack, context } = stage;
    const body = { messages: [], has_more: true };
    slack.faults.add({ method: REPLIES, kind: 'answer', body });
    expect(await sweep(context, LOOK_BACK)).toBe('failed');
    expect(await replies(stage)).toEqual(['one']);
    expect(await sweep(context, LOOK_BACK)).toBe('done');
  });

  test('a thread whose message is deleted meanwhile does not end the sweep', async () => {
    const stage = await startThread(['one']);
    stage.slack.faults.add({ method: REPLIES, kind: 'error', error: 'thread_not_found' });
    expect(await sweep(stage.context, LOOK_BACK)).toBe('done');
    expect(await replies(stage)).toEqual(['one']);
  });
});

describe('a thread is not read', () => {
  const calls = ({ slack }: Stage) => slack.callCounts.get(REPLIES) ?? 0;

  test('when it is as it is stored', async () => {
    const stage = await startThread(['one', 'two']);
    await sweep(stage.context);
    expect(calls(stage)).toBe(0);
  });

  test('a second time because of replies that are not stored, until it changes', async () => {
    const stage = await startThread(['one']);
    const { slack, channel, user, context, threadTs } = stage;
    const thanks = { channel, text: 'Thanks', thread_ts: threadTs };
    await context.slack.call('chat.postMessage', thanks, z.looseObject({}));
    await sweep(context);
    await sweep(context);
    expect(calls(stage)).toBe(1);
    slack.post({ channel, user, text: 'missed', threadTs, silent: true });
    await sweep(context);
    expect(calls(stage)).toBe(2);
    expect(await replies(stage)).toEqual(['one', 'missed']);
  });

  test('in a look-back, if there are a hundred newer ones', async () => {
    const stage = await startWith([]);
    const { slack, channel, user, context } = stage;
    for (let n = 0; n < 105; n++) {
      const threadTs = slack.post({ channel, user, text: `${n}`, silent: true });
      slack.post({ channel, user, text: `reply ${n}`, threadTs, silent: true });
    }
    await sweep(context);
    expect(calls(stage)).toBe(105);
    expect(await replies(stage)).toHaveLength(105);
    await sweep(context, LOOK_BACK);
    expect(calls(stage)).toBe(205);
  });
});

test('a bot that stops reads no further, and the next sweep goes on', async () => {
  const stage = await startSummedUp([BUG, BUG, BUG]);
  const { slack, channel, user, sent } = stage;
  for (const threadTs of sent) {
    slack.post({ channel, user, text: `About ${threadTs}`, threadTs, silent: true });
  }
  const stopping = new AbortController();
  const { call } = stage.context.slack;
  stage.context.slack.call = (method, ...rest) => {
    if (method === REPLIES) stopping.abort();
    return call(method, ...rest);
  };
  const read = () => slack.callCounts.get(REPLIES) ?? 0;
  const before = read();
  const stopped = sweep(stage.context, { ...LOOK_BACK, signal: stopping.signal });
  await expect(stopped).rejects.toThrow('aborted');
  expect(read()).toBe(before + 1);
  await sweep(stage.context, LOOK_BACK);
  expect(await replies(stage)).toEqual(sent.map((ts) => `About ${ts}`));
});
