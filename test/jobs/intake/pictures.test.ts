import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startPeople } from '../../people/stage.ts';

/** A picture without a word: shown as such, never noise by itself. */

const FILES = [
  { id: 'F1', name: 'image.png', title: 'image.png', mimetype: 'image/png', filetype: 'png' },
];

async function startWithPicture() {
  const people = await startPeople([]);
  const { slack, channel, user } = people;
  const ts = slack.post({ channel, user, files: FILES });
  await slack.idle();
  const states = () => people.rows(sql<{ state: string }>`select state from messages`);
  const prompt = () => JSON.stringify(people.claude.batches()[0]?.requests);
  const say = async (text: string) => {
    slack.post({ channel, user, text, threadTs: ts });
    await slack.idle();
  };
  return { people, ts, states, prompt, say };
}

test('Claude calls it noise: people are told that it is there, and why nobody has judged it', async () => {
  const { people, states, prompt } = await startWithPicture();
  await people.sumUp();
  expect(prompt()).toContain('a picture without words');
  expect(people.list('noise')).toBe('');
  expect(await states()).toEqual([{ state: 'dead' }]);
  const thread = people.slack.thread(people.channel, people.digest().ts);
  expect(JSON.stringify(thread)).toContain('a picture or clip without words');
});

test('its thread says more: it is judged again, as what the thread says', async () => {
  const { people, prompt, say } = await startWithPicture();
  await people.sumUp();
  await say('It crashes when I save');
  expect(await people.type('status')).toContain('1 message');
  await people.sumUp();
  expect(prompt()).toContain('It crashes when I save');
});

test('its thread says more while it is judged', async () => {
  const { people, prompt, say } = await startWithPicture();
  people.claude.holdBatches(true);
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 4);
  await say('It crashes when I save');
  people.claude.holdBatches(false);
  people.claude.endBatch();
  await people.rest();
  await people.sumUp();
  expect(prompt()).toContain('It crashes when I save');
});

test('a reply that says nothing new changes nothing', async () => {
  const { people, states, say } = await startWithPicture();
  await say('It crashes when I save');
  await people.sumUp();
  const before = await states();
  const { slack, channel, user, ts } = {
    ...people,
    ts: people.slack.messages(people.channel)[0]?.ts ?? '',
  };
  slack.post({ channel, user, threadTs: ts, files: FILES });
  await slack.idle();
  expect(await states()).toEqual(before);
  expect(await people.type('status')).not.toContain('1 message is pending');
});
