import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { readChangedFiles } from '../../../src/jobs/intake/changed-files.ts';
import { sweep } from '../../../src/jobs/intake/sweep.ts';
import { DAY_MS, type People, startPeople } from '../../people/stage.ts';

/** Voice clips, whose transcripts come after them. */

const SAYS = 'It crashes when I save';
const CLIP = {
  id: 'F0CLIP',
  name: 'audio_message.m4a',
  title: 'audio_message.m4a',
  subtype: 'slack_audio',
  mimetype: 'audio/mp4',
  filetype: 'm4a',
};

async function startWithClip(more: object = {}) {
  const people = await startPeople([]);
  const { slack, channel, user } = people;
  const ts = slack.post({ channel, user, files: [CLIP], ...more });
  await slack.idle();
  return { people, ts };
}

const texts = (people: People, table: 'messages' | 'replies') =>
  people.rows(sql<{ text: string }>`select text from ${sql.table(table)}`);

test('a transcript that comes later is an edit: the message is judged by it', async () => {
  const { people, ts } = await startWithClip();
  await people.sumUp();
  expect(people.list('noise')).toBe('');
  people.slack.transcribe(CLIP.id, SAYS);
  await people.rest();
  expect(await texts(people, 'messages')).toEqual([{ text: `[file: audio_message.m4a]\n${SAYS}` }]);
  await people.sumUp();
  expect(people.reactionsOf(ts)).toContain('bug');
  expect(await people.rows(sql`select * from file_changes`)).toEqual([]);
});

test('a clip in a thread', async () => {
  const { people, ts } = await startWithClip();
  const { slack, channel, user } = people;
  slack.post({ channel, user, files: [{ ...CLIP, id: 'F0REPLY' }], threadTs: ts });
  await slack.idle();
  slack.transcribe('F0REPLY', SAYS);
  await slack.idle();
  // Not a sweep, which reads the thread as well.
  await readChangedFiles(people.context);
  expect(await texts(people, 'replies')).toEqual([{ text: `[file: audio_message.m4a]\n${SAYS}` }]);
});

test('no event told of it: the sweep finds it', async () => {
  const { people } = await startWithClip();
  people.slack.transcribe(CLIP.id, SAYS, { silent: true });
  await sweep(people.context, { lookBackMs: DAY_MS });
  expect((await texts(people, 'messages'))[0]?.text).toContain(SAYS);
});

test('Slack does not answer: it is asked again', async () => {
  const { people } = await startWithClip();
  people.slack.faults.add({ kind: 'status', method: 'files.info', status: 503, times: 1 });
  people.slack.transcribe(CLIP.id, SAYS);
  await people.slack.idle();
  await expect(readChangedFiles(people.context)).rejects.toThrow();
  await readChangedFiles(people.context);
  expect((await texts(people, 'messages'))[0]?.text).toContain(SAYS);
});

test.each(['internal_error', 'rate_limited'])(
  'Slack answers %s: it is kept until it is read',
  async (error) => {
    const { people } = await startWithClip();
    people.slack.faults.add({ kind: 'error', method: 'files.info', error, times: 1 });
    people.slack.transcribe(CLIP.id, SAYS);
    await people.slack.idle();
    await expect(readChangedFiles(people.context)).rejects.toThrow(error);
    await readChangedFiles(people.context);
    expect((await texts(people, 'messages'))[0]?.text).toContain(SAYS);
  },
);

test('one that cannot be read now does not hold up the others', async () => {
  const { people } = await startWithClip();
  const { slack, channel, user, context } = people;
  slack.post({ channel, user, files: [{ ...CLIP, id: 'F0OTHER' }] });
  await slack.idle();
  slack.transcribe(CLIP.id, SAYS);
  slack.transcribe('F0OTHER', SAYS);
  await slack.idle();
  const { call } = context.slack;
  const failing = (async (method, args, ...rest) =>
    args.file === CLIP.id
      ? { kind: 'unsent', reason: 'no route' }
      : call.call(context.slack, method, args, ...rest)) as typeof call;
  await expect(
    readChangedFiles({
      ...context,
      slack: Object.assign(Object.create(context.slack), { call: failing }),
    }),
  ).rejects.toThrow('no route');
  expect(await people.rows(sql`select file from file_changes`)).toEqual([{ file: CLIP.id }]);
});

test('a file that is gone is forgotten', async () => {
  const { people } = await startWithClip();
  people.slack.transcribe('F0GONE', SAYS);
  await people.rest();
  expect(await people.rows(sql`select * from file_changes`)).toEqual([]);
  expect(people.logs.some(({ level }) => level === 'error')).toBe(false);
});
