import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../../sim/slack/block-kit/validate.ts';
import { findLinks, findPings } from '../../../sim/slack/text.ts';
import { PRIORITY } from '../../../src/core/delivery/effects.ts';
import type { Context } from '../../../src/jobs/context.ts';
import { onCommand } from '../../../src/listeners/commands/classify-feedback.ts';
import { heldEmoji, setHold } from '../../../src/store/delivery/holds.ts';
import { addEffects } from '../../../src/store/delivery/outbox.ts';
import { markDead } from '../../../src/store/delivery/queue.ts';
import { leaveChannel } from '../../../src/store/intake/channels.ts';
import { upsertUser } from '../../../src/store/intake/users.ts';
import { cancelRun, findOpenRun, updateRun } from '../../../src/store/runs/runs.ts';
import { startStage } from '../../harness.ts';
import { WORKSPACE } from '../../slack/blocks/digest/digests.ts';
import { expectGolden } from '../../slack/blocks/golden.ts';
import { CHANNEL, judged, type Scene, START, startScene } from '../../store/scene.ts';

/** What the command answers, as golden files: from what the database knows, at a fixed moment. */

async function start(): Promise<{ scene: Scene; context: Context }> {
  const scene = await startScene();
  const asker = { name: null, role: 'member' as const, timeZone: null, locale: null };
  await upsertUser(scene.db, 'U0ANA', asker, START);
  const { context } = await startStage({ settings: { summarySchedule: '0 9 * * 1-5' } });
  const clock = { now: () => START + 3_600_000, sleep: () => new Promise<void>(() => {}) };
  const workspace = { ...context.workspace, url: WORKSPACE };
  return { scene, context: { ...context, db: scene.db, clock, workspace } };
}

async function answer(context: Context, text: string, channel = CHANNEL) {
  const said = await onCommand(context, {
    channel_id: channel,
    user_id: 'U0ANA',
    trigger_id: '1.2',
    text,
  });
  if (typeof said === 'string') return { text: said, blocks: [] };
  if ('modal' in said) throw new Error('a modal');
  return said;
}

type Prepare = (scene: Scene) => Promise<unknown>;

const nothing: Prepare = async () => {};
const pending: Prepare = async (scene) => {
  for (const n of [1, 2, 3]) await scene.keep(n);
};
const running: Prepare = async (scene) => {
  await pending(scene);
  return scene.submit();
};
const inTrouble: Prepare = async (scene) => {
  await pending(scene);
  const { run } = await scene.submit();
  await updateRun(scene.db, run.id, {
    trouble: 'Anthropic refuses the key: <!channel> & *look*. Whoever runs me has to mend it.',
    trouble_cause: 'key',
  });
};
const justTried: Prepare = async (scene) => {
  await inTrouble(scene);
  await scene.commit(async (tx) => {
    const run = await findOpenRun(tx, CHANNEL);
    await updateRun(tx, run?.id ?? 0, { retried_at: START + 3_600_000 - 1000 });
  });
};
const withDead: Prepare = async (scene) => {
  const effect = { kind: 'react' as const, ts: '1.2', name: 'bug' };
  const effects = ['a', 'b'].map((key) => ({
    key,
    channel: CHANNEL,
    priority: PRIORITY.card,
    effect,
  }));
  await scene.commit((tx) => addEffects(tx, effects, START));
  await scene.commit((tx) => markDead(tx, 'a', 'is_archived', START));
};
const held: Prepare = async (scene) => {
  await withDead(scene);
  const metadata = { event_type: 'winnow_digest' as const, event_payload: { key: 'd' } };
  const effect = { kind: 'post' as const, text: 'd', blocks: [], metadata };
  const post = { key: 'd', channel: CHANNEL, priority: PRIORITY.digest, effect };
  await scene.commit((tx) => addEffects(tx, [post], START));
  const why = { tryAt: START, now: START };
  const place = { channel: CHANNEL, emoji: '' };
  for (const needs of ['post', 'reply', 'update', 'reaction'] as const) {
    const reason = needs === 'reply' ? 'restricted_action_read_only_channel' : 'restricted_action';
    await scene.commit((tx) => setHold(tx, { needs, ...place }, { reason, ...why }));
  }
  const reason = 'invalid_name';
  await scene.commit((tx) => setHold(tx, heldEmoji('shipit'), { reason, ...why }));
};
const done: Prepare = async (scene) => {
  await pending(scene);
  const of = await scene.submit();
  await scene.take(of, [judged(1), judged(2), judged(3)]);
  await scene.close(of.run);
};
const canceling: Prepare = async (scene) => {
  await pending(scene);
  const { run } = await scene.submit();
  await scene.commit((tx) => cancelRun(tx, run, 'U0BOB', START));
};

test.each<[string, string, Prepare]>([
  ['help', 'help', nothing],
  ['unknown-word', 'frobnicate <!here> `x` *y*', nothing],
  ['mistyped-word', 'stauts', nothing],
  ['too-many-words', 'help me', nothing],
  ['run', 'run', pending],
  ['run-with-nothing-pending', '', nothing],
  ['run-while-one-is-going', '', running],
  ['run-while-one-has-to-wait', '', inTrouble],
  ['run-just-after-it-was-tried', '', justTried],
  ['run-where-posts-are-held', '', held],
  ['status-with-nothing', 'status', nothing],
  ['status-with-pending', 'status', pending],
  ['status-of-a-run', 'status', running],
  ['status-in-trouble', 'status', inTrouble],
  ['status-with-what-did-not-work', 'status', withDead],
  ['status-with-holds', 'status', held],
  ['status-after-a-run', 'status', done],
  ['cancel', 'cancel', running],
  ['cancel-again', 'cancel', canceling],
  ['cancel-nothing', 'cancel', nothing],
  ['summary', 'summary 7d', done],
  ['summary-with-pending', 'summary', pending],
  ['summary-unknown', 'summary week', nothing],
  ['search', 'search message', done],
  ['search-pending', 'search "message 2"', pending],
  ['search-some-of-it', 'search message zebra', done],
  ['search-nothing', 'search zebra', done],
  ['search-without-words', 'search', nothing],
  ['export', 'export csv', done],
  ['export-nothing', 'export', nothing],
  ['export-unknown', 'export <!here>', nothing],
])('%s', async (name, typed, prepare) => {
  const { scene, context } = await start();
  await prepare(scene);
  const said = await answer(context, typed);
  createBlockCheck([]).message(said.blocks, said.text);
  await expectGolden(`words/command-${name}`, said);
});

describe('in a hosted bot without a key', () => {
  test.each<[string, string, Prepare]>([
    ['run', '', pending],
    ['status', 'status', pending],
    ['status-in-trouble', 'status', inTrouble],
    ['status-with-what-did-not-work', 'status', withDead],
  ])('%s', async (name, typed, prepare) => {
    const { scene, context } = await start();
    await prepare(scene);
    const setKey = async () => ({ kind: 'ok' as const });
    const hosted = { key: 'none' as const, installedBy: 'U0ANA', setKey };
    const said = await answer({ ...context, hosted }, typed);
    createBlockCheck([]).message(said.blocks, said.text);
    await expectGolden(`words/hosted-${name}`, said);
  });
});

test('elsewhere', async () => {
  const { scene, context } = await start();
  await expectGolden('words/command-elsewhere', await answer(context, 'run', 'C0OTHER'));
  await leaveChannel(scene.db, CHANNEL);
  await expectGolden('words/command-nowhere', await answer(context, 'run'));
});

describe('whatever is typed', () => {
  test.each([
    '<!channel>',
    'frob<@U0ANA>',
    '<https://evil.example|run>',
    '`*_~',
    '&lt;!here&gt;',
    'export <!here> <https://evil.example|csv>',
    'export csv <!channel|2026-01-01>',
    'search <!here>',
    'summary <@U0ANA>',
  ])('%s rings nobody and leads nowhere', async (typed) => {
    const { context } = await start();
    const { text, blocks } = await answer(context, typed);
    const seen = { text, blocks: blocks as never[] };
    expect(findPings(seen)).toEqual([]);
    // An address may show itself, and only as itself.
    expect(findLinks(seen).filter(({ url, label }) => url !== label)).toEqual([]);
  });
});
