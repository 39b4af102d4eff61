import { PRIORITY } from '../../core/delivery/effects.ts';
import { isSlackError } from '../../core/delivery/slack-errors.ts';
import type { Refusal } from '../../core/people/acts.ts';
import { DENIALS } from '../../core/people/permission.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import { SlackReadError } from '../../slack/read.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { leaveChannel } from '../../store/intake/channels.ts';
import { readMessage } from '../../store/intake/messages.ts';
import {
  type Act,
  findAct,
  markActTaken,
  nextAskedAct,
  recordActEffect,
  refuseAct,
  resolveReplaced,
} from '../../store/people/acts.ts';
import { readFacts } from '../../store/people/facts.ts';
import { findQuestion } from '../../store/people/honesty.ts';
import type { Context } from '../context.ts';
import { applyDecision } from './apply-decision.ts';
import { findPermissionProblem } from './permissions.ts';

/**
 * asked → taken, or refused: takes people's acts in order. First Slack is asked whether the person
 * may act; then the act and everything that follows from it are one commit.
 */
export async function takeActs(context: Context): Promise<void> {
  const failures: unknown[] = [];
  let after = 0;
  for (;;) {
    const act = await nextAskedAct(context.db, after);
    if (!act) break;
    after = act.id;
    try {
      await takeAct(context, act);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      // The bot was removed: acts there are taken when it is invited again.
      if (isSlackError(error.code, 'away')) await leaveChannel(context.db, act.channel);
      // The others do not wait: acts count in the order in which they were done.
      else failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
}

async function takeAct(context: Context, asked: Act): Promise<void> {
  const { db, log } = context;
  // A person who removes a reaction was allowed to add it, or it was refused. A departure is the
  // bot's own finding.
  const trusted =
    asked.source === 'departure' || (asked.kind === 'undo' && asked.source === 'reaction');
  const denied = trusted
    ? undefined
    : await findPermissionProblem(context, asked.channel, asked.user);
  const refusal = await db.transaction().execute(async (tx) => {
    const found = await findAct(tx, asked.id);
    if (found?.state !== 'asked') return undefined;
    const act = await followReplaced(tx, found);
    const category = saysNoCategory(act) ? await readCategory(tx, act) : act.category;
    const refused = denied ?? (await findObstacle(tx, { ...act, category }));
    if (refused) {
      await refuseAct(tx, act.id, refused);
      await tellRefused(tx, context, act, refused);
      return refused;
    }
    await markActTaken(tx, act, category);
    const effect = await applyDecision(tx, context, act, `a${act.id}`);
    if (effect) await recordActEffect(tx, act.id, effect);
    return undefined;
  });
  const { channel, ts, user, kind } = asked;
  log.info({ act: asked.id, channel, ts, user, kind, refusal }, 'somebody did something');
}

/** To undo a dismissal undoes the one with a reason that has replaced it. */
async function followReplaced(tx: Tx, act: Act): Promise<Act> {
  if (act.kind !== 'undo' || act.undoes === null) return act;
  return { ...act, undoes: await resolveReplaced(tx, act.undoes) };
}

/** It is about the category that the message has: confirms it, or says what comes second. */
const saysNoCategory = ({ kind, category }: Act) =>
  category === null && (kind === 'confirm' || kind === 'correct');

/** The category that a message has now. */
async function readCategory(tx: Tx, { channel, ts }: Act): Promise<string | null> {
  const [facts] = await readFacts(tx, channel, [ts]);
  return facts?.verdict?.category ?? null;
}

/** The words for a person whose act was refused. */
export const REFUSALS: Record<Refusal, string> = {
  ...DENIALS,
  moot: 'That changes nothing any more: somebody was faster, or Winnow does not know the message.',
  deleted: 'That message has been deleted: there is nothing left to do about it.',
  edited: 'That message has been edited since it was picked, so nobody is asked about it any more.',
};

async function findObstacle(tx: Tx, act: Act): Promise<Refusal | undefined> {
  const message = await readMessage(tx, act.channel, act.ts);
  if (!message) return 'moot';
  if (act.source === 'honesty') return findAnswerObstacle(tx, act, message);
  if (act.undoes !== null) {
    const undone = await findAct(tx, act.undoes);
    return undone?.state === 'taken' && undone.undone_by === null ? undefined : 'moot';
  }
  if (message.deleted) return 'deleted';
  // Without a category there is no second one.
  return act.kind === 'correct' && act.category === null ? 'moot' : undefined;
}

/** What people took back of it meanwhile is no obstacle: each person's own answer is theirs. */
async function findAnswerObstacle(
  tx: Tx,
  { channel, ts, kind }: Act,
  message: { deleted: boolean },
): Promise<Refusal | undefined> {
  if (kind === 'undo') return undefined;
  if (message.deleted) return 'deleted';
  const question = await findQuestion(tx, channel, ts);
  if (!question) return 'moot';
  return question.edited ? 'edited' : undefined;
}

/** Only they see it. A pressed button is answered by its listener, where it was pressed. */
async function tellRefused(tx: Tx, { clock }: Context, act: Act, refusal: Refusal): Promise<void> {
  if (refusal === 'moot' || act.source !== 'reaction') return;
  await addEffects(
    tx,
    [
      {
        key: `refused-a${act.id}`,
        channel: act.channel,
        priority: PRIORITY.person,
        effect: { kind: 'ephemeral', user: act.user, ...renderNotice(REFUSALS[refusal]) },
      },
    ],
    clock.now(),
  );
}
