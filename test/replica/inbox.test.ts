import type { ReceiverEvent } from '@slack/bolt';
import { expect, test } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../src/core/durations.ts';
import { createInbox } from '../../src/replica/inbox.ts';
import type { RunningUnit } from '../../src/replica/units.ts';
import type { Notice } from '../../src/store/db/postgres/notices.ts';
import { createTestClock } from '../harness.ts';
import { sealer, startControl } from '../store/workspaces/stage.ts';

const TEAM = 'T1';
const EVENT = { type: 'event_callback', team_id: TEAM, event: { type: 'message', text: 'A bug' } };
const SUBMISSION = { type: 'view_submission', team: { id: TEAM }, key: 'sk-ant-secret' };

async function startInbox(handle: RunningUnit['handle']) {
  const control = await startControl();
  const clock = createTestClock();
  const lines: { level: string; id?: unknown }[] = [];
  const note = (level: string) => (about: object) => void lines.push({ level, ...about });
  const log = { debug() {}, info() {}, warn: note('warn'), error: note('error') };
  const notices: Notice[] = [];
  let missed = 0;
  let looks = 0;
  const unit = {
    handle,
    missEvents: () => void missed++,
    track: <T>(work: Promise<T>) => work,
  } as RunningUnit;
  const running = new Map([[TEAM, unit]]);
  const inbox = createInbox({
    control: control.withPlugin({
      transformQuery({ node }) {
        if (node.kind === 'SelectQueryNode') looks += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    }),
    ...{ clock, log, sealer },
    units: { find: (team) => running.get(team) },
    async notify(notice) {
      notices.push(notice);
    },
  });
  const answers: unknown[] = [];
  const pass = (body: object) =>
    inbox.pass(TEAM, {
      body,
      ack: async (answer?: unknown) => void answers.push(answer),
    } as ReceiverEvent);
  return {
    ...{ inbox, clock, lines, notices, answers, pass },
    missed: () => missed,
    looks: () => looks,
    rows: () => control.selectFrom('inbox').selectAll().execute(),
  };
}

test('what people type, and what they are answered, is sealed', async () => {
  const handled: unknown[] = [];
  const { inbox, answers, notices, pass, rows } = await startInbox(async ({ body, ack }) => {
    handled.push(body);
    await ack({ text: 'a secret answer' } as never);
  });
  const passing = pass(SUBMISSION);
  await expect.poll(() => notices).toEqual([{ kind: 'inbox', team: TEAM }]);
  expect(JSON.stringify(await rows())).not.toMatch(/secret|view_submission/);
  await inbox.handle(TEAM);
  expect(handled).toEqual([SUBMISSION]);
  expect(JSON.stringify(await rows())).not.toContain('secret');
  const [, answer] = notices;
  if (answer?.kind === 'answer') inbox.onAnswer(answer.id);
  await passing;
  expect(answers).toEqual([{ text: 'a secret answer' }]);
  expect(await rows()).toEqual([]);
});

test('what cannot be handled is tried again for an hour, and said once', async () => {
  let tries = 0;
  const { inbox, clock, lines, missed, pass, rows } = await startInbox(async () => {
    tries += 1;
    throw new Error('a bug');
  });
  await pass(EVENT);
  for (let n = 0; n < 3; n++) await inbox.handle(TEAM);
  expect(tries).toBe(3);
  expect(lines.map(({ level }) => level)).toEqual(['error']);
  clock.jump(HOUR_MS);
  await inbox.handle(TEAM);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'warn']);
  expect(missed()).toBe(1);
  expect(await rows()).toEqual([]);
});

test('it is looked into once more, however often it is said that something has come', async () => {
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  const handled: unknown[] = [];
  const { inbox, looks, pass } = await startInbox(async ({ body }) => {
    handled.push(body);
    await goOn;
  });
  await pass(EVENT);
  const first = inbox.handle(TEAM);
  await expect.poll(() => handled).toHaveLength(1);
  const others = Array.from({ length: 1_000 }, () => inbox.handle(TEAM));
  await pass(EVENT);
  resolve();
  await Promise.all([first, ...others]);
  expect(handled).toHaveLength(2);
  expect(looks()).toBeLessThan(6);
});

test('what nobody could handle does not stay for ever', async () => {
  const { inbox, clock, pass, rows } = await startInbox(async () => {});
  await pass(EVENT);
  clock.jump(2 * HOUR_MS - SECOND_MS);
  await inbox.tidy();
  expect(await rows()).toHaveLength(1);
  clock.jump(SECOND_MS);
  await inbox.tidy();
  expect(await rows()).toEqual([]);
});
