import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { FORGOTTEN } from '../../src/core/privacy/forgotten.ts';
import { sweep } from '../../src/jobs/intake/sweep.ts';
import { wordsOf } from '../people/modals.ts';
import { BUG, DAY_MS, HOUR_MS, IDEA, PRAISE, words } from '../people/stage.ts';
import {
  type Admins,
  askToForget,
  askToForgetPerson,
  confirm,
  forgetMessage,
  forgetPerson,
  startAdmins,
} from './stage.ts';

/** What an admin makes the bot forget: it is gone wherever it was shown, and stays gone; numbers stay. */

async function startSummedUp(texts: string[], options?: Parameters<typeof startAdmins>[1]) {
  const people = await startAdmins(texts, options);
  await people.sumUp();
  return people;
}

const shown = (people: Admins) =>
  JSON.stringify(people.posts().map(({ text, blocks }) => ({ text, blocks })));

const stored = (people: Admins, ts: string) =>
  people
    .rows(
      sql<{ text: string; state: string; deleted: number | null; category: string | null }>`
        select text, messages.state, deleted_at as deleted, category from messages
        left join verdicts on verdicts.id = messages.verdict where messages.ts = ${ts}`,
    )
    .then(([row]) => row);

const audit = (people: Admins) =>
  people.rows(sql`select kind, "by", person, name, messages, replies, stage from forgettings`);

describe('who may', () => {
  test.each(['ben', 'guest', 'stranger'] as const)('not %s', async (who) => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, ben, user, sent } = people;
    const nobody = {
      ben: () => ben,
      guest: () => slack.addUser({ name: 'gina', isRestricted: true, isAdmin: true }),
      stranger: () => slack.addUser({ name: 'sam', teamId: 'T0ELSEWHERE', isAdmin: true }),
    }[who]();
    slack.join(channel, nobody);
    const view = await askToForget(people, nobody, sent[0] ?? '');
    expect(view.view.submit).toBeUndefined();
    expect(await people.type(`forget <@${user}|ana>`, { user: nobody })).toMatch(
      /admins|Guests|other org/,
    );
    expect(await audit(people)).toEqual([]);
  });

  test('nor somebody who is no admin any more when they confirm', async () => {
    const people = await startSummedUp([BUG]);
    const view = await askToForgetPerson(people, people.admin, people.user);
    people.slack.setAdmin(people.admin, false);
    await confirm(people, view);
    expect(await audit(people)).toEqual([]);
    expect(words(people.slack.views.at(-1)?.view.blocks)).toContain('Only admins and owners');
  });

  test('a mention that Slack has not resolved is explained', async () => {
    const people = await startSummedUp([BUG]);
    expect(await people.type('forget @ana', { user: people.admin })).toContain(
      'Say whom to forget',
    );
    expect(await people.type('forget', { user: people.admin })).toContain('Say whom to forget');
    expect(await people.type('forget <@U0NOBODY>', { user: people.admin })).toContain('no text');
  });
});

describe('a message', () => {
  test('is erased from its card, its lists, its reminder and Home; its numbers stay', async () => {
    const people = await startSummedUp([BUG, PRAISE, IDEA], {
      settings: { remindAfterMs: HOUR_MS },
    });
    const { clock, sent, ben } = people;
    const [ts = ''] = sent;
    clock.jump(2 * HOUR_MS);
    await people.rest();
    const before = people.digest().text;
    expect(shown(people)).toContain(BUG);
    const view = await askToForget(people, people.admin, people.card(ts).ts);
    expect(wordsOf(view)).toContain('This cannot be undone.');
    await confirm(people, view);
    await people.rest();

    expect(shown(people)).not.toContain(BUG);
    expect(words(people.card(ts).blocks)).toContain(FORGOTTEN);
    expect(people.stateOf(ts)).toBe('open');
    expect(people.list('bug')).toContain(FORGOTTEN);
    expect(people.digest().text).toBe(before);
    expect(await stored(people, ts)).toMatchObject({
      text: FORGOTTEN,
      state: 'judged',
      category: 'bug',
    });
    expect(people.told(people.admin)).toContain(
      'Done: 1 message is forgotten. What I have posted about it is updated.',
    );
    expect(await people.type('search crashes', { user: ben })).toContain('Nothing found');
    expect(await audit(people)).toEqual([
      {
        kind: 'message',
        by: people.admin,
        person: null,
        name: null,
        messages: 1,
        replies: 0,
        stage: 'done',
      },
    ]);
    // People go on with it, and it teaches nothing.
    await people.press(ben, ts, 'category', 'usability');
    expect(await people.rows(sql`select text from examples`)).toEqual([]);
    expect(wordsOf(await askToForget(people, people.admin, ts))).toContain('has been forgotten');
  });

  test('does not come back: by history, an edit, a late event or the shortcut', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, clock } = people;
    const [ts = ''] = people.sent;
    slack.post({ channel, user: people.ben, text: 'It crashes for me, too', threadTs: ts });
    await slack.idle();
    await forgetMessage(people, ts);
    clock.jump(HOUR_MS);
    slack.edit({ channel, ts, text: `${BUG} and more` });
    slack.post({ channel, user: people.ben, text: 'It crashes again', threadTs: ts });
    await slack.idle();
    await sweep(people.context, { lookBackMs: DAY_MS });
    await people.sumUp();
    expect(await stored(people, ts)).toMatchObject({ text: FORGOTTEN, state: 'judged' });
    const replies = await people.rows(sql<{ text: string }>`select text from replies`);
    expect(replies.map(({ text }) => text)).toEqual(['', '']);
    expect(shown(people)).not.toContain('crashes');
    expect(people.claude.batches()).toHaveLength(1);
  });

  test('that the bot has never seen stays out', async () => {
    const people = await startAdmins([PRAISE]);
    const { slack, channel, user } = people;
    const ts = slack.post({ channel, user, text: BUG, silent: true });
    await forgetMessage(people, ts);
    await sweep(people.context, { lookBackMs: DAY_MS });
    await people.sumUp();
    expect(await stored(people, ts)).toMatchObject({ text: '' });
    expect(shown(people)).not.toContain(BUG);
  });

  test('that Claude is working at: what it says is thrown away, and paid for', async () => {
    const people = await startAdmins([BUG, PRAISE]);
    const { claude, sent } = people;
    const [ts = ''] = sent;
    claude.holdBatches(true);
    await people.type();
    await people.settle(() => claude.batches().length > 0);
    await confirm(people, await askToForget(people, people.admin, ts));
    await people.settle(() =>
      people.logs.some(({ message }) => message === 'texts were forgotten'),
    );
    claude.holdBatches(false);
    await people.rest();
    expect(await stored(people, ts)).toMatchObject({ text: FORGOTTEN, category: null });
    expect(await people.rows(sql`select gist from verdicts where ts = ${ts}`)).toEqual([]);
    expect(shown(people)).not.toContain(BUG);
    const [paid] = await people.rows(
      sql<{ tokens: number }>`select sum(input_tokens) as tokens from batches`,
    );
    expect(paid?.tokens).toBeGreaterThan(0);
    expect(people.digest().text).toContain('1 message');
  });

  test('with what an integration has posted again, also later', async () => {
    const people = await startAdmins([]);
    const { slack, channel } = people;
    const botId = slack.addIntegration({ name: 'Forms' });
    const post = () =>
      slack.post({ channel, botId, text: 'Feedback: the export crashes each time' });
    const ts = post();
    post();
    await slack.idle();
    await people.sumUp();
    await forgetMessage(people, ts);
    post();
    await slack.idle();
    await people.sumUp();
    const texts = await people.rows(sql<{ text: string }>`select distinct text from messages`);
    expect(texts).toEqual([{ text: FORGOTTEN }]);
    expect(shown(people)).not.toContain('the export crashes');
  });
});

test('the modal says how many replies go with it', async () => {
  const people = await startSummedUp([BUG, PRAISE]);
  const { slack, channel, user, ben, sent } = people;
  const [first = '', second = ''] = sent;
  for (const text of ['Me too', 'And me'])
    slack.post({ channel, user: ben, text, threadTs: first });
  slack.post({ channel, user, text: 'I meant the export', threadTs: first });
  const botId = slack.addIntegration({ name: 'Tickets' });
  slack.post({ channel, botId, text: 'Ticket 12 was opened', threadTs: first });
  await slack.idle();
  expect(wordsOf(await askToForget(people, people.admin, first))).toContain(
    'The text of this message, its thread (4 replies)',
  );
  expect(wordsOf(await askToForget(people, people.admin, second))).toContain(
    'The text of this message, its thread and what I made of it',
  );
  expect(wordsOf(await askToForgetPerson(people, people.admin, user))).toContain(
    '2 messages and 1 reply that ana wrote, in all channels, will be erased, with their threads (3 replies of others)',
  );
});

describe('a person', () => {
  test('in messages, replies and posts of integrations; what others wrote stays', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, user, ben } = people;
    const botId = slack.addIntegration({ name: 'Forms' });
    const theirs = slack.post({ channel, user: ben, text: 'The print view crashes' });
    slack.post({ channel, user, text: 'I see this, too', threadTs: theirs });
    slack.post({ channel, botId, text: `New feedback from <@${user}>: it crashes on start` });
    slack.post({ channel, botId, text: 'Name: Ana\nMessage: the login crashes' });
    await slack.idle();
    await people.sumUp();
    const view = await askToForgetPerson(people, people.admin, user);
    expect(wordsOf(view)).toContain('3 messages and 1 reply that ana wrote');
    await confirm(people, view, true);
    await people.rest();

    const texts = await people.rows(sql<{ text: string }>`select text from messages order by ts`);
    expect(texts.map(({ text }) => text)).toEqual([
      FORGOTTEN,
      FORGOTTEN,
      'The print view crashes',
      FORGOTTEN,
      FORGOTTEN,
    ]);
    expect(await people.rows(sql`select text from replies`)).toEqual([{ text: '' }]);
    expect(await people.rows(sql`select id from users where id = ${user}`)).toEqual([]);
    for (const gone of [BUG, PRAISE, 'crashes on start', 'login crashes']) {
      expect(shown(people)).not.toContain(gone);
    }
    expect(await audit(people)).toMatchObject([
      { person: user, name: null, messages: 4, replies: 1 },
    ]);
  });

  test('in the gist of a picture that only their reply has explained', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, user, ben } = people;
    const picture = slack.post({ channel, user: ben, text: '' });
    slack.post({ channel, user, text: 'The zebra crossing crashes', threadTs: picture });
    await slack.idle();
    await people.sumUp();
    const gist = sql<{ gist: string }>`select gist from verdicts where ts = ${picture}`;
    // Claude says what it sees in the thread.
    await people.rows(
      sql`update verdicts set gist = 'The zebra crossing crashes' where ts = ${picture}`,
    );
    await people.react(ben, picture, 'eyes');
    await people.rest();
    expect(shown(people)).toContain('zebra');
    await forgetPerson(people, user);
    expect(await people.rows(gist)).toEqual([{ gist: '' }]);
    expect(shown(people)).not.toContain('zebra');
  });

  test('what they write afterwards is feedback; what history had from before is not', async () => {
    const people = await startSummedUp([BUG]);
    const { slack, channel, user } = people;
    const missed = slack.post({ channel, user, text: 'It crashes at night', silent: true });
    people.clock.jump(1_000);
    await forgetPerson(people, user);
    await sweep(people.context, { lookBackMs: DAY_MS });
    expect(await stored(people, missed)).toBeUndefined();
    const ts = slack.post({ channel, user, text: IDEA });
    await slack.idle();
    await people.sumUp();
    expect(await stored(people, ts)).toMatchObject({ text: IDEA, state: 'judged' });
  });

  test('a crash at any commit leaves it to the next start', async () => {
    const people = await startAdmins(
      Array.from({ length: 12 }, (_, n) => `${BUG} ${n}`),
      {
        onDisk: true,
      },
    );
    await people.sumUp();
    await confirm(people, await askToForgetPerson(people, people.admin, people.user));
    await people.step();
    await people.restart();
    await people.connect();
    await people.rest();
    expect(await people.rows(sql`select text from messages where text != ${FORGOTTEN}`)).toEqual(
      [],
    );
    expect(shown(people)).not.toContain(BUG);
    expect(await audit(people)).toMatchObject([{ messages: 12, stage: 'done' }]);
  });
});

describe('by time', () => {
  test('what was deleted in Slack is forgotten a day later, and revived until then', async () => {
    const people = await startSummedUp([BUG, PRAISE]);
    const { slack, channel, clock, sent } = people;
    const [ts = ''] = sent;
    slack.delete({ channel, ts });
    await slack.idle();
    await people.rest();
    clock.jump(DAY_MS - 10 * 60_000);
    await people.rest();
    expect(await stored(people, ts)).toMatchObject({ text: BUG });
    clock.jump(11 * 60_000);
    await people.rest();
    expect(await stored(people, ts)).toMatchObject({ text: FORGOTTEN });
    expect(await stored(people, sent[1] ?? '')).toMatchObject({ text: PRAISE });
    // Should Slack show it again, it is a new message.
    slack.post({ channel, user: people.user, text: BUG, ts, silent: true });
    await sweep(people.context, { lookBackMs: 3 * DAY_MS });
    await people.sumUp();
    expect(await stored(people, ts)).toMatchObject({ text: BUG, state: 'judged', deleted: null });
    expect(people.list('bug')).toContain(BUG);
  });

  test('texts older than RETENTION_DAYS, not their numbers; open flags say so', async () => {
    const people = await startSummedUp([BUG, PRAISE], { settings: { retentionMs: 2 * DAY_MS } });
    const { clock, slack, channel, user, sent } = people;
    const [ts = ''] = sent;
    const before = people.digest().text;
    clock.jump(DAY_MS);
    const young = slack.post({ channel, user, text: IDEA });
    await slack.idle();
    await people.rest();
    expect(await stored(people, ts)).toMatchObject({ text: BUG });
    clock.jump(1.1 * DAY_MS);
    await people.rest();
    expect(await stored(people, ts)).toMatchObject({ text: FORGOTTEN });
    expect(await stored(people, young)).toMatchObject({ text: IDEA });
    expect(people.stateOf(ts)).toBe('open');
    expect(words(people.card(ts).blocks)).toContain(FORGOTTEN);
    expect(people.digest().text).toBe(before);
    expect(shown(people)).not.toContain(BUG);
  });
});
