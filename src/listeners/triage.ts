import { z } from 'zod';
import { interpretMessage, slackMessageSchema } from '../core/intake/message.ts';
import { standingOf } from '../core/people/acts.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { takeWaitingReactions } from '../jobs/people/reactions.ts';
import { findBar } from '../jobs/people/take-acts.ts';
import { readRenderContext } from '../jobs/render-context.ts';
import { renderTriage, type TriageState } from '../slack/blocks/people/triage.ts';
import { renderWhy } from '../slack/blocks/people/why.ts';
import { findChannel } from '../store/intake/channels.ts';
import { keepMessage, readMessage } from '../store/intake/messages.ts';
import { keepReply } from '../store/intake/replies.ts';
import { noticeUser } from '../store/intake/users.ts';
import { askAct, keepActTaken, listStandingActs } from '../store/people/acts.ts';
import { readCards, readExplanation } from '../store/people/cards.ts';
import { readExamples } from '../store/people/examples.ts';

/**
 * Modals: *Triage this message*, which takes in a message that was not collected or shows what is
 * known of it, and *Why?*. A trigger is good for three seconds, so a modal shows what the database
 * knows; only somebody who has never acted before is looked up first.
 */

const shortcutSchema = z.looseObject({
  trigger_id: z.string(),
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  message: z.unknown(),
});

/** *Triage this message*. What it adds is committed when this resolves. @returns the modal */
export async function onTriage(deps: Deps, shortcut: unknown): Promise<object> {
  const { user, channel, message } = shortcutSchema.parse(shortcut);
  return draw(deps, await triage(deps, { user: user.id, channel: channel.id, message }));
}

async function triage(
  deps: Deps,
  { user, channel, message: raw }: { user: string; channel: string; message: unknown },
): Promise<TriageState> {
  const { db, self, clock, log } = deps;
  if (!isWatched(deps, channel)) return { kind: 'refused', why: 'not_watched' };
  if ((await findChannel(db, channel))?.state !== 'member') {
    return { kind: 'refused', why: 'not_member' };
  }
  const bar = await findBar(deps, channel, user).catch((error: unknown) => {
    log.warn({ err: error, user }, 'Slack could not be asked whether somebody may triage');
    return 'later' as const;
  });
  if (bar === 'later') return { kind: 'refused', why: 'later' };
  if (bar) return { kind: 'refused', why: bar === 'outside' ? 'outsider' : 'guest' };
  const parsed = slackMessageSchema.safeParse(raw);
  const intake = parsed.success ? interpretMessage(channel, parsed.data, self) : undefined;
  if (intake?.kind === 'deleted') return { kind: 'refused', why: 'deleted' };
  if (!intake || intake.kind === 'ignored') return { kind: 'refused', why: 'own_post' };
  const message = intake.kind === 'reply' ? intake.reply : intake.message;
  const known = await describe(deps, channel, message.ts);
  if (known) return known;
  await db.transaction().execute(async (tx) => {
    const now = clock.now();
    if (intake.kind === 'reply') await keepReply(tx, intake.reply, now);
    await keepMessage(tx, message, now, { added: true });
    await takeWaitingReactions(tx, deps, channel, message.ts);
    await noticeUser(tx, user);
    const act = {
      channel,
      ts: message.ts,
      user,
      kind: 'add' as const,
      source: 'shortcut' as const,
    };
    const id = await askAct(tx, act, now);
    await keepActTaken(tx, { id, undoes: null }, null);
  });
  return { kind: 'added', message };
}

/** What is known of a message; undefined when it was never collected. */
async function describe(
  { db, taxonomy }: Deps,
  channel: string,
  ts: string,
): Promise<TriageState | undefined> {
  const message = await readMessage(db, channel, ts);
  if (!message) return undefined;
  if (message.deleted) return { kind: 'refused', why: 'deleted' };
  if (message.state === 'dead') {
    return { kind: 'dead', message, reason: message.trouble ?? 'no reason known' };
  }
  const [card] = await readCards(db, channel, [ts]);
  if (card?.category) return { kind: 'judged', card };
  const { flaggedBy, correction } = standingOf(await listStandingActs(db, channel, ts), taxonomy);
  return { kind: 'waiting', message, flaggedBy, correction };
}

/**
 * The modal as it is to look after something was pressed in it.
 * @param notice why that came to nothing
 */
export async function drawTriage(
  deps: Deps,
  { channel, ts }: { channel: string; ts: string },
  notice?: string,
): Promise<object | undefined> {
  const state = await describe(deps, channel, ts);
  return state && draw(deps, state, notice);
}

async function draw(deps: Deps, state: TriageState, notice?: string) {
  const around = await readRenderContext(deps, deps.db);
  return renderTriage(state, deps.taxonomy, around, notice);
}

/** *Why?* @returns the modal; undefined when there is no verdict to explain */
export async function drawWhy(
  deps: Deps,
  { channel, ts }: { channel: string; ts: string },
): Promise<object | undefined> {
  const { db, taxonomy } = deps;
  const found = await readExplanation(db, channel, ts);
  if (!found) return undefined;
  const examples = await readExamples(db, channel, found.exampleTs);
  const around = await readRenderContext(deps, db);
  return renderWhy({ ...found.explanation, examples }, taxonomy, around);
}
