import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openReadOnly } from '../../src/store/db/open.ts';
import { startPeople } from '../people/stage.ts';
import { makeFolder, runEval, startStandIn } from './stage.ts';

/** What a team has corrected in its own database is the gold set. */

async function correct() {
  const people = await startPeople([
    'It crashes when I save a report',
    'It crashes when I open a report',
    'I love the new look',
    'Lunch anyone',
  ]);
  const { ben, sent, context } = people;
  await people.sumUp();
  const [save = '', open = '', love = ''] = sent;
  await people.react(ben, save, 'bulb');
  await people.react(ben, open, 'confounded');
  // A confirmed one.
  await people.react(ben, love, 'tada');
  await people.rest();
  const at = makeFolder({});
  await sql`vacuum into ${at('winnow.db')}`.execute(context.db);
  return { file: at('winnow.db'), environment: { DATABASE_URL: `sqlite:${at('winnow.db')}` } };
}

test('corrected and confirmed messages are judged, none with its own correction', async () => {
  const { environment } = await correct();
  const { claude, how } = await startStandIn();
  const at = makeFolder({});
  const args = ['--people', '--lane', 'express', '--answers', at('answers.jsonl'), '--yes'];
  const { report } = await runEval(args, {
    ...how,
    environment: { ...how.environment, ...environment },
  });
  expect(report.data).toMatchObject({ labelled: 3, judged: 3, examples: 3 });
  expect(Object.keys(report.perClass)).toEqual(['feature_request', 'usability', 'praise']);
  // The rules take both crashes for bugs.
  expect(report.accuracy).toBe(1 / 3);
  const prompts = claude.asked.map(({ messages }) => JSON.stringify(messages));
  const ofSave = prompts.find((prompt) => prompt.includes('<message>\\nIt crashes when I save'));
  expect(ofSave).toContain('category=\\"usability\\">\\nIt crashes when I open');
  expect(ofSave).not.toContain('category=\\"feature_request\\"');
});

test('the database is only read', async () => {
  const { file } = await correct();
  const db = openReadOnly(file);
  const write = db.updateTable('messages').set({ text: 'x' }).execute();
  await expect(write).rejects.toThrow(/readonly/);
  await db.destroy();
});

test('without corrections, or without a database, it says what to do', async () => {
  const { context } = await startPeople(['It crashes']);
  const at = makeFolder({});
  await sql`vacuum into ${at('empty.db')}`.execute(context.db);
  const run = (file: string) =>
    runEval(['--people'], { environment: { DATABASE_URL: `sqlite:${file}` } });
  await expect(run(at('empty.db'))).rejects.toThrow(/Nobody has corrected.*react to a message/s);
  await expect(run(at('none.db'))).rejects.toThrow(/There is no database.*DATABASE_URL/s);
});
