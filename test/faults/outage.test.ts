import { expect, test } from 'vitest';
import { type Stage, startWith } from '../harness.ts';
import { enqueue, outbox, post, postedKeys, react } from '../slack/outbox.ts';
import type { SlackFailure } from './mixture.ts';

/** Slack is out, or wants no more of the app, while much is waiting: no spinning, no flood of logs. */

const HOUR_MS = 3_600_000;
const METHODS = ['chat.postMessage', 'reactions.add', 'conversations.history'];
const TEXTS = Array.from({ length: 60 }, (_, index) => `It crashes (No. ${index + 1})`);

const loud = (stage: Stage) =>
  stage.logs.filter(({ level }) => level === 'warn' || level === 'error');

/** For an hour from now on every call of these methods fails. */
function failForAnHour({ slack, clock }: Stage, failure: SlackFailure): void {
  const until = clock.now() + HOUR_MS;
  const match = () => clock.now() < until;
  for (const method of METHODS) slack.faults.add({ ...failure, method, match, times: Infinity });
}

async function startWaiting() {
  const stage = await startWith(TEXTS);
  const { channel, sent } = stage;
  await enqueue(stage, [
    post(channel, 'digest', { priority: 0 }),
    ...Array.from({ length: 20 }, (_, n) => post(channel, `list-${n}`, { parent: 'digest' })),
    ...sent.map((ts) => react(channel, ts)),
  ]);
  return stage;
}

async function expectAllDone(stage: Stage): Promise<void> {
  await stage.settle(undefined, 1000);
  expect(new Set((await outbox(stage)).map(({ state }) => state))).toEqual(new Set(['done']));
  expect(new Set(postedKeys(stage)).size).toBe(21);
  expect(postedKeys(stage)).toHaveLength(21);
}

test.each([
  { kind: 'status', status: 503 },
  { kind: 'cut' },
  { kind: 'error', error: 'internal_error' },
] as const)(
  'an hour of $kind: few calls, few lines, and all of it done afterwards',
  async (fault) => {
    const stage = await startWaiting();
    failForAnHour(stage, fault);
    await expectAllDone(stage);
    const failed = stage.slack.calls.filter(({ ok, method }) => !ok && METHODS.includes(method));
    // Of two lanes, one of them four at once: at most once a minute, and a few more in the beginning.
    expect(failed.length).toBeLessThan(70 * 6);
    expect(loud(stage).length).toBeLessThan(70 * 5);
  },
);

test('an effect that always fails holds up the others for no more than a second', async () => {
  const stage = await startWaiting();
  const { slack } = stage;
  const [poisoned] = stage.sent;
  slack.faults.add({
    method: 'reactions.add',
    kind: 'status',
    status: 500,
    times: Infinity,
    match: ({ timestamp }) => timestamp === poisoned,
  });
  const until = stage.clock.now() + 60_000;
  await stage.settle(() => stage.clock.now() > until);
  const open = (await outbox(stage)).filter(({ state }) => state !== 'done');
  expect(open.map(({ key }) => key)).toEqual([`react-${poisoned}-bug`]);
});

test.each(['token_revoked', 'invalid_auth', 'missing_scope'])(
  '%s: a lane is tried once in five minutes, and says so once',
  async (error) => {
    const stage = await startWaiting();
    failForAnHour(stage, { kind: 'error', error });
    await expectAllDone(stage);
    // The sweep and the offer have lines of their own.
    const lines = loud(stage).filter(({ lane }) => lane !== undefined);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ reason }) => reason === error)).toBe(true);
    for (const lane of ['reaction', `post ${stage.channel}`]) {
      expect(lines.filter((line) => line.lane === lane).length).toBeGreaterThan(10);
      expect(lines.filter((line) => line.lane === lane).length).toBeLessThan(15);
    }
    const failed = stage.slack.calls.filter(({ ok, method }) => !ok && METHODS.includes(method));
    const reads = failed.filter(({ method }) => method === 'conversations.history');
    expect(failed.length - reads.length).toBeLessThan(15 * 5);
    // The sweep, every three minutes, and the offer of older messages after it.
    expect(reads.length).toBeLessThanOrEqual(2 * 21);
  },
);
