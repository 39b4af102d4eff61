import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { triage } from '../../people/modals.ts';
import { BUG, DAY_MS, startPeople, startSummedUp, words } from '../../people/stage.ts';

/** Posts of integrations, from Slack to Claude. */

const SAYS = 'the export crashes on save';
const FORM = { botId: 'B0FORMS', subtype: 'bot_message', text: 'New feedback' };
const MAIL = {
  user: 'USLACKBOT',
  text: '',
  files: [
    {
      id: 'F1',
      mode: 'email',
      filetype: 'email',
      title: 'Export broken',
      subject: 'Export broken',
      from: [{ address: 'jane@example.com', name: 'Jane' }],
      plain_text: `Since Monday ${SAYS}.`,
    },
  ],
};
const section = (text: string) => [{ type: 'section', text: { type: 'mrkdwn', text } }];

async function start() {
  const people = await startPeople([]);
  people.slack.addUser({ id: 'USLACKBOT', name: 'slackbot' });
  return people;
}

/** What Claude was asked last; its batches are listed the newest first. */
const lastPrompt = ({ claude }: Awaited<ReturnType<typeof start>>): string =>
  JSON.stringify(claude.batches()[0]?.requests);

describe('a form', () => {
  test('has its blocks shown', async () => {
    const people = await start();
    people.slack.post({ channel: people.channel, ...FORM, blocks: section(SAYS) });
    await people.slack.idle();
    await people.sumUp();
    expect(lastPrompt(people)).toContain(SAYS);
  });

  test('that edits only its blocks is judged again', async () => {
    const people = await start();
    const { slack, channel } = people;
    const ts = slack.post({ channel, ...FORM, blocks: section('I love it') });
    await slack.idle();
    await people.sumUp();
    slack.edit({ channel, ts, text: FORM.text, blocks: section(SAYS) });
    await slack.idle();
    await people.sumUp();
    expect(lastPrompt(people)).toContain(SAYS);
  });
});

describe('an e-mail that Slackbot brings', () => {
  test('is judged, as its sender’s', async () => {
    const people = await start();
    people.slack.post({ channel: people.channel, ...MAIL });
    await people.slack.idle();
    await people.sumUp();
    expect(lastPrompt(people)).toContain(SAYS);
    expect(await people.rows(sql`select author, author_name from messages`)).toEqual([
      { author: null, author_name: 'Jane' },
    ]);
  });

  test('can be triaged by hand', async () => {
    const people = await start();
    const { slack, channel, ben } = people;
    // From before the bot came.
    const ts = slack.post({ channel, ...MAIL, ts: '1700000000.000100', silent: true });
    const { view } = await triage(people, ben, ts);
    expect(words(view.blocks)).toContain(SAYS);
    expect(await people.rows(sql`select ts, state from messages`)).toEqual([
      { ts, state: 'pending' },
    ]);
  });
});

test('what the bot has posted by another app, before its database was moved, is no feedback', async () => {
  const { context, sent, posts } = await startSummedUp([BUG]);
  expect(posts().length).toBeGreaterThan(0);
  const self = { userId: 'U0ANOTHER', botId: 'B0ANOTHER' };
  const another = { ...context, workspace: { ...context.workspace, self } };
  await sweep(another, { lookBackMs: 3 * DAY_MS });
  const messages = await context.db.selectFrom('messages').select('ts').execute();
  expect(messages.map(({ ts }) => ts)).toEqual(sent);
});
