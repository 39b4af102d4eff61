import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Stage, startStage } from '../harness.ts';

interface Row {
  ts: string;
  text: string;
  state: string;
  revision: number;
  author: string | null;
  author_name: string | null;
  thread_ts: string | null;
  deleted_at: number | null;
}

const messages = (stage: Stage) => stage.rows(sql<Row>`select * from messages order by ts`);
const replies = (stage: Stage) => stage.rows(sql<Row>`select * from replies order by ts`);
const texts = async (stage: Stage) =>
  (await messages(stage)).filter((row) => row.deleted_at === null).map(({ text }) => text);

async function connected(options: Parameters<typeof startStage>[0] = {}): Promise<Stage> {
  const stage = await startStage(options);
  await stage.connect();
  return stage;
}

describe('what people post is stored as it was posted', () => {
  test('a plain message, with its author and its time', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'The export &amp; import fail' });
    await slack.idle();
    expect(await messages(stage)).toMatchObject([
      { ts, text: 'The export &amp; import fail', state: 'pending', author: user, revision: 1 },
    ]);
    expect(stage.woken).toContain('message');
  });

  test('files, forwarded messages, posts of only blocks, and /me', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    slack.post({ channel, user, text: 'See this', files: [{ id: 'F1', name: 'crash.log' }] });
    slack.post({
      channel,
      user,
      text: '',
      attachments: [{ is_share: true, text: 'It is slow', fallback: 'x' }],
    });
    slack.post({
      channel,
      user,
      text: '',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'From blocks' } }],
    });
    slack.post({ channel, user, text: 'waits for ever', subtype: 'me_message' });
    await slack.idle();
    expect(await texts(stage)).toEqual([
      'See this\n[file: crash.log]',
      'Forwarded: It is slow',
      'From blocks',
      'waits for ever',
    ]);
  });

  test('posts of other bots, in today’s form and in the old one', async () => {
    const stage = await connected();
    const { slack, channel } = stage;
    const zendesk = slack.addUser({ name: 'zendesk', isBot: true });
    slack.post({ channel, user: zendesk, botId: 'B0OTHER', text: 'Ticket 1: it crashes' });
    slack.post({ channel, botId: 'B0OLD', subtype: 'bot_message', text: 'Ticket 2: slow' });
    await slack.idle();
    expect(await messages(stage)).toMatchObject([
      { text: 'Ticket 1: it crashes', author: zendesk },
      { text: 'Ticket 2: slow', author: null },
    ]);
  });

  test('a reply is context; one also sent to the channel is feedback', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'The export fails' });
    slack.post({ channel, user, text: 'On which system?', threadTs: ts });
    slack.post({ channel, user, text: 'On all of them!', threadTs: ts, broadcast: true });
    await slack.idle();
    expect(await texts(stage)).toEqual(['The export fails', 'On all of them!']);
    expect(await replies(stage)).toMatchObject([{ text: 'On which system?', thread_ts: ts }]);
  });

  test('a reply is feedback once it is sent to the channel as well', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const threadTs = slack.post({ channel, user, text: 'The export fails' });
    const ts = slack.post({ channel, user, text: 'The import too', threadTs });
    await slack.idle();
    expect(await texts(stage)).toEqual(['The export fails']);
    slack.broadcast({ channel, ts });
    await slack.idle();
    expect(await texts(stage)).toEqual(['The export fails', 'The import too']);
  });

  test('notes of Slack’s own, joins and renames are no feedback', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ben = slack.addUser({ name: 'ben' });
    slack.join(channel, ben, user);
    slack.rename(channel, 'voice-of-the-user');
    slack.post({ channel, user: ben, text: 'a topic', subtype: 'channel_topic' });
    await slack.idle();
    expect(await messages(stage)).toEqual([]);
    expect(await stage.rows(sql`select name from channels`)).toEqual([
      { name: 'voice-of-the-user' },
    ]);
  });
});

describe('edits and deletions', () => {
  test('an edit is a new revision; a link preview is none', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'It craches' });
    slack.edit({ channel, ts, text: 'It crashes' });
    slack.unfurl({ channel, ts });
    await slack.idle();
    expect(await messages(stage)).toMatchObject([{ text: 'It crashes', revision: 2 }]);
  });

  test('the last edit counts, in whatever order the edits arrive', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'first' });
    await slack.idle();
    slack.eventFaults.add({
      kind: 'late',
      match: ({ message }) => (message as { text?: string } | undefined)?.text === 'second',
    });
    slack.edit({ channel, ts, text: 'second' });
    slack.edit({ channel, ts, text: 'third' });
    await slack.idle();
    expect(await texts(stage)).toEqual(['third']);
  });

  test('an edit that is taken back stays taken back when its event comes late', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const ts = slack.post({ channel, user, text: 'as it was' });
    await slack.idle();
    slack.eventFaults.add({
      kind: 'late',
      match: ({ message }) => (message as { text?: string } | undefined)?.text === 'a slip',
    });
    slack.edit({ channel, ts, text: 'a slip' });
    slack.edit({ channel, ts, text: 'as it was' });
    await slack.idle();
    expect(await texts(stage)).toEqual(['as it was']);
  });

  test('a deletion takes a message out, also one whose posting arrives after it', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const first = slack.post({ channel, user, text: 'regretted' });
    await slack.idle();
    slack.delete({ channel, ts: first });
    slack.eventFaults.add({ kind: 'late', match: ({ text }) => text === 'late' });
    const second = slack.post({ channel, user, text: 'late' });
    slack.delete({ channel, ts: second });
    await slack.idle();
    expect(await texts(stage)).toEqual([]);
    expect(await messages(stage)).toHaveLength(2);
  });

  test('a deleted reply is no context any more, and no message', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const threadTs = slack.post({ channel, user, text: 'parent' });
    const reply = slack.post({ channel, user, text: 'reply', threadTs });
    await slack.idle();
    slack.delete({ channel, ts: reply });
    await slack.idle();
    expect((await replies(stage))[0]?.deleted_at).toBeTypeOf('number');
    expect(await texts(stage)).toEqual(['parent']);
  });

  test('a deleted message that has replies is gone all the same', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const threadTs = slack.post({ channel, user, text: 'parent' });
    slack.post({ channel, user, text: 'reply', threadTs });
    await slack.idle();
    slack.delete({ channel, ts: threadTs });
    await slack.idle();
    expect(await texts(stage)).toEqual([]);
  });
});

describe('what must not be stored', () => {
  test('own posts, and the events of own updates', async () => {
    const stage = await connected();
    const { slack, channel, context } = stage;
    const anything = z.looseObject({ ts: z.string() });
    const posted = await context.slack.call(
      'chat.postMessage',
      { channel, text: 'summary' },
      anything,
    );
    if (posted.kind !== 'ok') throw new Error(posted.kind);
    const { ts } = posted.value;
    await context.slack.call('chat.update', { channel, ts, text: 'summary, mended' }, anything);
    slack.delete({ channel, ts });
    await slack.idle();
    expect(await messages(stage)).toEqual([]);
    expect(slack.lostEvents).toEqual([]);
  });

  test('a message that arrives twice is stored once', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    slack.eventFaults.add({ kind: 'duplicate', match: ({ type }) => type === 'message' });
    slack.post({ channel, user, text: 'once' });
    await slack.idle();
    expect(await messages(stage)).toMatchObject([{ text: 'once', revision: 1 }]);
  });

  test('a channel that FEEDBACK_CHANNELS does not name', async () => {
    const stage = await connected({ settings: { feedbackChannels: ['C0ELSEWHERE'] } });
    const { slack, channel, user } = stage;
    slack.post({ channel, user, text: 'not for us' });
    await slack.idle();
    expect(await messages(stage)).toEqual([]);
  });

  test('events that make no sense are acknowledged, and kill nothing', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    const event = { type: 'message', channel, ts: 'not a time', text: 5, user: { id: user } };
    slack.sockets.sendRaw({
      envelope_id: 'e1',
      type: 'events_api',
      payload: { type: 'event_callback', team_id: slack.teamId, event },
    });
    slack.post({ channel, user, text: 'after it' });
    await slack.idle();
    expect(await texts(stage)).toEqual(['after it']);
    expect(stage.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
