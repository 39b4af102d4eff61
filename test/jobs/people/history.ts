import fc from 'fast-check';
import { digestKey, PRIORITY } from '../../../src/core/delivery/effects.ts';
import type { StateActKind } from '../../../src/core/people/acts.ts';
import { DEFAULT_TAXONOMY } from '../../../src/core/runs/taxonomy.ts';
import { applyDeletion, applyRevival } from '../../../src/jobs/intake/store-message.ts';
import { applyDecision, applyVerdicts } from '../../../src/jobs/people/apply-decision.ts';
import { buildCards } from '../../../src/jobs/people/refresh-card.ts';
import type { Tx } from '../../../src/store/db/tables.ts';
import { addEffects } from '../../../src/store/delivery/outbox.ts';
import { publishNext } from '../../../src/store/digest/published.ts';
import { beginWriting } from '../../../src/store/digest/stale.ts';
import { upsertMessage } from '../../../src/store/intake/messages.ts';
import { upsertUser } from '../../../src/store/intake/users.ts';
import {
  askAct,
  listActiveActs,
  markActTaken,
  recordActEffect,
} from '../../../src/store/people/acts.ts';
import { readFacts } from '../../../src/store/people/facts.ts';
import { recordCards } from '../../../src/store/people/flags.ts';
import { giveBackUnanswered } from '../../../src/store/runs/give-back.ts';
import { markJudged } from '../../../src/store/runs/rejudgements.ts';
import { type Result, storeResults } from '../../../src/store/runs/results.ts';
import { cancelRun, findRun, type Run } from '../../../src/store/runs/runs.ts';
import {
  again,
  CHANNEL,
  incoming,
  judged,
  type Scene,
  SETTING,
  START,
  startScene,
  ts,
} from '../../store/scene.ts';

/** What may happen to a few messages, as data; and a world in which it happens. */

const MESSAGES = 4;
const message = fc.integer({ min: 1, max: MESSAGES });
const category = fc.constantFrom('bug', 'praise', 'question', 'noise');
const also = fc.constantFrom(null, null, 'bug', 'praise', 'question');
const user = fc.constantFrom('U0BEN', 'U0CLEO');

const act = fc.record({
  what: fc.constant('act' as const),
  message,
  user,
  kind: fc.constantFrom<StateActKind>('claim', 'resolve', 'dismiss', 'flag', 'correct', 'confirm'),
  category,
  /** What a correction says comes second; '': nothing. */
  also: fc.oneof(also, fc.constant('')),
});
const undo = fc.record({ what: fc.constant('undo' as const), message, user, which: fc.nat(3) });
const edit = fc.record({ what: fc.constant('edit' as const), message });
const deletion = fc.record({ what: fc.constant('delete' as const), message });
/** Whatever was deleted is there again. */
const revival = fc.record({ what: fc.constant('revive' as const) });
const small = fc.oneof(
  { weight: 6, arbitrary: act },
  { weight: 3, arbitrary: undo },
  { weight: 3, arbitrary: edit },
  { weight: 3, arbitrary: deletion },
  { weight: 3, arbitrary: revival },
);

const answer = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('judged' as const),
      category,
      also,
      flagged: fc.boolean(),
      urgency: fc.constantFrom('low' as const, 'high' as const),
      theme: fc.constantFrom(null, 5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('again' as const), counts: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'none' as const }) },
);

/** Of one message Claude can make nothing, most of the time: it gets to be dead. */
const hopeless = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'again' as const, counts: true }) },
  { weight: 1, arbitrary: answer },
);

const run = fc.record({
  what: fc.constant('run' as const),
  /** What was judged is judged again. */
  again: fc.boolean(),
  /** While it is at Claude. */
  meanwhile: fc.array(small, { maxLength: 3 }),
  canceled: fc.constantFrom(false, false, false, true),
  answers: fc.tuple(answer, answer, answer, hopeless),
  published: fc.boolean(),
  /** Its posts are in Slack by the time of the next step. */
  delivered: fc.boolean(),
});

export const histories = fc.array(
  fc.oneof({ weight: 3, arbitrary: small }, { weight: 2, arbitrary: run }),
  { minLength: 6, maxLength: 14 },
);

type Small = typeof small extends fc.Arbitrary<infer One> ? One : never;
type RunStep = typeof run extends fc.Arbitrary<infer One> ? One : never;

/** How verdicts are taken: as those who collect them do, or each by itself as an act would be. */
export type Way = 'in bulk' | 'one by one';

/** Plays a history in a world of its own. */
export async function play(way: Way, history: (Small | RunStep)[]): Promise<Scene> {
  const scene = await startScene();
  const world = { scene, way, now: START };
  const ben = { name: 'Ben', role: 'member' as const, timeZone: null, locale: null };
  await upsertUser(scene.db, 'U0BEN', ben, START);
  for (let n = 1; n <= MESSAGES; n++) await scene.keep(n);
  for (const step of history) {
    if (step.what === 'run') await playRun(world, step);
    else await playSmall(world, step);
  }
  return scene;
}

interface World {
  scene: Scene;
  way: Way;
  now: number;
}

const contextOf = ({ now }: World) => ({
  ...SETTING,
  settings: { ...SETTING.settings, closeTheLoop: true },
  clock: { ...SETTING.clock, now: () => now },
});

async function playSmall(world: World, step: Small): Promise<void> {
  const { scene } = world;
  world.now += 1000;
  if (step.what === 'revive') {
    for (let n = 1; n <= MESSAGES; n++) await revive(world, n);
    return;
  }
  const about = { channel: CHANNEL, ts: ts(step.message) };
  switch (step.what) {
    case 'edit': {
      const seconds = (world.now - START) / 1000;
      const change = { text: `<@U0BEN> says ${seconds}`, editedTs: ts(1000 + seconds) };
      await scene.keep(step.message, change);
      return;
    }
    case 'delete':
      return scene.commit((tx) => applyDeletion(tx, contextOf(world), about));
    case 'act':
      return scene.commit(async (tx) => {
        const [facts] = await readFacts(tx, CHANNEL, [about.ts]);
        if (!facts || facts.deleted) return;
        const named = { correct: step.category, confirm: facts.verdict?.category ?? null };
        const chosen = step.kind === 'correct' || step.kind === 'confirm' ? named[step.kind] : null;
        const second = step.kind === 'correct' ? step.also : null;
        await takeAct(tx, world, {
          ...about,
          ...step,
          category: chosen,
          also: second,
          undoes: null,
        });
      });
    case 'undo':
      return scene.commit(async (tx) => {
        const standing = await listActiveActs(tx, CHANNEL, about.ts);
        const undone = standing[step.which % Math.max(1, standing.length)];
        if (!undone) return;
        await takeAct(tx, world, {
          ...about,
          ...step,
          kind: 'undo',
          category: null,
          undoes: undone.id,
        });
      });
    default:
      step satisfies never;
  }
}

/** As the sweep does when history shows a message: it says what it said when it was last heard of. */
async function revive(world: World, n: number): Promise<void> {
  const { scene, now } = world;
  const { text, edited_ts: editedTs } = await scene.message(n);
  await scene.commit(async (tx) => {
    const shown = incoming(n, { text, editedTs });
    const kept = await upsertMessage(tx, shown, now, { seenAt: now });
    if (kept === 'revived') await applyRevival(tx, contextOf(world), shown);
  });
}

/** As `takeActs` does once Slack has said that the person may. */
async function takeAct(
  tx: Tx,
  world: World,
  {
    channel,
    ts: one,
    user: by,
    kind,
    category: chosen,
    also: second,
    undoes,
  }: {
    channel: string;
    ts: string;
    user: string;
    kind: StateActKind | 'undo';
    category: string | null;
    also?: string | null;
    undoes: number | null;
  },
): Promise<void> {
  const asked = {
    channel,
    ts: one,
    user: by,
    kind,
    source: 'button' as const,
    undoes,
    also: second ?? null,
  };
  const id = await askAct(tx, asked, world.now);
  await markActTaken(tx, { id, undoes }, chosen);
  const effect = await applyDecision(tx, contextOf(world), asked, `a${id}`);
  if (effect) await recordActEffect(tx, id, effect);
}

async function playRun(world: World, step: RunStep): Promise<void> {
  const { scene } = world;
  world.now += 1000;
  if (step.again) {
    const all = { channel: CHANNEL, sinceTs: ts(0), after: null, taxonomyVersion: 99 };
    await scene.commit((tx) => markJudged(tx, all, 100));
  }
  const sent = await scene.submit();
  for (const one of step.meanwhile) await playSmall(world, one);
  if (step.canceled) await scene.commit((tx) => cancelRun(tx, sent.run, 'U0BEN', world.now));
  await scene.commit(async (tx) => {
    const run = (await findRun(tx, sent.run.id)) ?? sent.run;
    await take(tx, world, { ...sent, run }, step.answers.flatMap(toResult));
    await giveBackUnanswered(tx, run, sent.batch, 'no result came back', world.now);
    await end(tx, world, run, step);
  });
}

function toResult(given: RunStep['answers'][number], index: number): Result[] {
  const n = index + 1;
  switch (given.kind) {
    case 'judged':
      return [judged(n, given)];
    case 'again':
      return [again(n, 'not understood', given.counts)];
    case 'none':
      return [];
    default:
      return given satisfies never;
  }
}

async function take(
  tx: Tx,
  world: World,
  sent: Parameters<Scene['take']>[0],
  results: Result[],
): Promise<void> {
  const target = { ...sent, taxonomy: DEFAULT_TAXONOMY };
  const context = contextOf(world);
  if (world.way === 'in bulk') {
    const taken = await storeResults(tx, target, results, world.now);
    return applyVerdicts(tx, context, CHANNEL, taken.judged);
  }
  for (const result of results) {
    const taken = await storeResults(tx, target, [result], world.now);
    for (const { ts: one, claude } of taken.judged) {
      await applyDecision(tx, context, { channel: CHANNEL, ts: one }, `v${claude.id}`);
    }
  }
}

/** As publishing does: the digest, its cards; then all is told as it is. */
async function end(tx: Tx, world: World, run: Run, step: RunStep): Promise<void> {
  const { now } = world;
  if (step.published) {
    await publishNext(tx, run);
    const key = digestKey(run.id);
    const metadata = { event_type: 'winnow_digest' as const, event_payload: { key, run: run.id } };
    const effect = { kind: 'post' as const, metadata, text: 'A summary', blocks: [] };
    const post = { key, channel: CHANNEL, priority: PRIORITY.digest, effect };
    const flagged = await tx
      .selectFrom('messages')
      .innerJoin('flags', 'flags.ts', 'messages.ts')
      .select('messages.ts')
      .where('digest', '=', run.id)
      .execute();
    const of = { channel: CHANNEL, ts: flagged.map((one) => one.ts), run: run.id };
    const cards = await buildCards(tx, contextOf(world), { ...of, nameOf: () => undefined });
    await addEffects(tx, [post, ...cards], now);
    await recordCards(
      tx,
      CHANNEL,
      cards.map((card, index) => ({ key: card.key, ts: of.ts[index] ?? '' })),
    );
  }
  await beginWriting(tx, run, { end: true, publish: step.published }, now);
  await tx.updateTable('runs').set({ stale_since: null, stale_at: null }).execute();
  if (!step.delivered) return;
  await tx
    .updateTable('outbox')
    .set({ state: 'done', posted_ts: ts(500), ended_at: now })
    .where('state', '=', 'waiting')
    .execute();
}
