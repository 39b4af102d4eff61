import { isSlackError } from '../../core/delivery/slack-errors.ts';
import type { Refusal } from '../../core/people/acts.ts';
import { FORGOTTEN } from '../../core/privacy/forgotten.ts';
import type { TopicState } from '../../core/themes/topics.ts';
import { SlackReadError } from '../../slack/read.ts';
import type { Tx } from '../../store/db/tables.ts';
import { markStale } from '../../store/digest/stale.ts';
import { leaveChannel } from '../../store/intake/channels.ts';
import { findLastDigest } from '../../store/runs/runs.ts';
import {
  endThemeAct,
  findMember,
  findThemeAct,
  listDigestsOf,
  markTakenOut,
  nextAskedThemeAct,
  type ThemeAct,
} from '../../store/themes/acts.ts';
import { dismissMerge, findMerge, merge, unmerge } from '../../store/themes/merges.ts';
import { addThemes, joinThemes, resolveTheme } from '../../store/themes/themes.ts';
import { findTopic, listThemesOf, setTopicState } from '../../store/themes/topics.ts';
import type { Context } from '../context.ts';
import { findPermissionProblem } from '../people/permissions.ts';

/**
 * asked → taken, or refused: takes what people did to themes, in order, as people/take-acts.ts does
 * for messages. The summaries that show these themes follow.
 */
export async function takeThemeActs(context: Context): Promise<void> {
  const failures: unknown[] = [];
  let after = 0;
  for (;;) {
    const act = await nextAskedThemeAct(context.db, after);
    if (!act) break;
    after = act.id;
    try {
      await takeThemeAct(context, act);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      if (isSlackError(error.code, 'away')) await leaveChannel(context.db, act.channel);
      else failures.push(error);
    }
  }
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
}

async function takeThemeAct(context: Context, asked: ThemeAct): Promise<void> {
  const { db, clock, log } = context;
  const denied = await findPermissionProblem(context, asked.channel, asked.user);
  const refusal = await db.transaction().execute(async (tx) => {
    const act = await findThemeAct(tx, asked.id);
    if (act?.state !== 'asked') return undefined;
    const refused = denied ?? (await carryOut(tx, act, clock.now()));
    await endThemeAct(tx, act.id, refused ?? null);
    return refused;
  });
  const { channel, user, kind } = asked;
  log.info({ themeAct: asked.id, channel, user, kind, refusal }, 'somebody did something');
}

/** @returns why it is refused */
async function carryOut(tx: Tx, act: ThemeAct, now: number): Promise<Refusal | undefined> {
  switch (act.kind) {
    case 'out':
      return takeOut(tx, act, now);
    case 'back':
      return putBack(tx, act, now);
    case 'merge':
    case 'apart':
    case 'unmerge':
      return decideMerge(tx, act, now);
    case 'group':
    case 'separate':
    case 'ungroup':
      return decideTopic(tx, act, TOPIC_STATES[act.kind], now);
    default:
      return act.kind satisfies never;
  }
}

/** The message becomes a theme of its own, and Claude never puts it back. */
async function takeOut(tx: Tx, act: ThemeAct, now: number): Promise<Refusal | undefined> {
  const { channel, ts, user } = act;
  const member = ts === null ? undefined : await findMember(tx, channel, ts);
  if (ts === null || !member) return 'moot';
  if (member.deletedAt !== null) return 'deleted';
  // It is in another theme by now.
  if (member.theme !== (await resolveTheme(tx, act.theme ?? 0))) return 'moot';
  const { revision, gist, digest, theme: from } = member;
  // What is forgotten finds no other message.
  const about = { channel, run: null, hidden: gist === FORGOTTEN };
  const [own = 0] = await addThemes(tx, about, [[{ ts, revision, gist }]], now);
  await markTakenOut(tx, { channel, ts }, { person: user, from });
  await markDigestsStale(tx, { channel, themes: [from, own], digest }, now);
  return undefined;
}

async function putBack(tx: Tx, act: ThemeAct, now: number): Promise<Refusal | undefined> {
  const { channel, ts } = act;
  const member = ts === null ? undefined : await findMember(tx, channel, ts);
  if (ts === null || !member || member.takenFrom === null) return 'moot';
  if (member.deletedAt !== null) return 'deleted';
  const { revision, gist, digest, theme: from } = member;
  const theme = await resolveTheme(tx, member.takenFrom);
  if (theme !== (await resolveTheme(tx, act.theme ?? 0))) return 'moot';
  await joinThemes(tx, channel, new Map([[theme, [{ ts, revision, gist }]]]), now);
  await markTakenOut(tx, { channel, ts }, null);
  await markDigestsStale(tx, { channel, themes: [from, theme], digest }, now);
  return undefined;
}

async function decideMerge(tx: Tx, act: ThemeAct, now: number): Promise<Refusal | undefined> {
  const { channel, user, kind } = act;
  const known = act.merge === null ? undefined : await findMerge(tx, act.merge);
  // Somebody else was first.
  if (!known || known.state !== (kind === 'unmerge' ? 'merged' : 'proposed')) return 'moot';
  const themes = [known.one, known.other, await resolveTheme(tx, known.one)];
  await markDigestsStale(tx, { channel, themes, digest: null }, now);
  if (kind === 'merge') await merge(tx, known.id, user, now);
  else if (kind === 'unmerge') await unmerge(tx, known.id, user, now);
  else await dismissMerge(tx, known.id, user, now);
  return undefined;
}

const TOPIC_STATES = {
  group: { from: 'proposed', to: 'grouped' },
  separate: { from: 'proposed', to: 'apart' },
  ungroup: { from: 'grouped', to: 'undone' },
} as const;

async function decideTopic(
  tx: Tx,
  { channel, user, topic }: ThemeAct,
  { from, to }: { from: TopicState; to: TopicState },
  now: number,
): Promise<Refusal | undefined> {
  const known = topic === null ? undefined : await findTopic(tx, topic);
  // Somebody else was first.
  if (known?.state !== from) return 'moot';
  const themes: number[] = [];
  for (const theme of await listThemesOf(tx, known.id)) themes.push(await resolveTheme(tx, theme));
  await setTopicState(tx, known.id, { state: to, by: user, at: now });
  await markDigestsStale(tx, { channel, themes, digest: null }, now);
  return undefined;
}

/** This many of the newest summaries that show a theme are updated: nobody reads older ones. */
const FOLLOWING = 5;

async function markDigestsStale(
  tx: Tx,
  { channel, themes, digest }: { channel: string; themes: number[]; digest: number | null },
  now: number,
): Promise<void> {
  const digests = new Set(await listDigestsOf(tx, themes, FOLLOWING));
  if (digest !== null) digests.add(digest);
  const newest = await findLastDigest(tx, channel);
  if (newest) digests.add(newest.id);
  for (const run of digests) await markStale(tx, run, now);
}
