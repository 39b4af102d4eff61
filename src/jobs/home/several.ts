import { countChoices } from '../../core/home/filter.ts';
import type { Choice, ChosenMessage } from '../../core/home/several.ts';
import { SEVERAL_SHOWN } from '../../core/home/several.ts';
import type { Refusal } from '../../core/people/acts.ts';
import type { CardFacts } from '../../core/people/card.ts';
import type { DismissReason } from '../../core/people/dismissal.ts';
import { countFlagGroups, readCardsOf, readOpenFlags } from '../../store/home/facts.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { type Act, findAct, findLastActId, listActsAfter } from '../../store/people/acts.ts';
import { isFlagOpen } from '../../store/people/flags.ts';
import { type Context, isWatched } from '../context.ts';
import { askDismissal } from '../people/dismissals.ts';
import { findKnown, listWatched, readFilterIn } from './read.ts';

/** Dismissing several messages at once: each by an act of its own, as with the button on its card. */

/** What a person may choose from: the first of what their filters show. */
interface Offered {
  seen: number;
  total: number;
  cards: CardFacts[];
}

export async function readOffered(context: Context, user: string): Promise<Offered> {
  const { db, clock } = context;
  // First: what happens while the messages are read counts as later.
  const seen = await findLastActId(db);
  const watched = await listWatched(context);
  const channels = [
    ...(await findKnown(
      context,
      user,
      watched.map(({ id }) => id),
    )),
  ];
  if (channels.length === 0) return { seen, total: 0, cards: [] };
  const filter = await readFilterIn(context, user, channels);
  const counts = countChoices(await countFlagGroups(db, channels, user), filter);
  const page = { user, filter, offset: 0, limit: SEVERAL_SHOWN, now: clock.now() };
  return { seen, total: counts.shown, cards: await readOpenFlags(db, channels, page) };
}

/** The chosen messages that the person can see, to be named. */
export async function readChosen(
  context: Context,
  user: string,
  messages: ChosenMessage[],
): Promise<CardFacts[]> {
  const known = await findKnown(context, user, new Set(messages.map(({ channel }) => channel)));
  return readCardsOf(
    context.db,
    messages.filter(({ channel }) => known.has(channel)),
  );
}

/**
 * Commits an act for each chosen message that is as it was shown. What somebody has settled, claimed or
 * corrected meanwhile stays as it is. Asking again finds the acts of the first time.
 * @returns the ids of the acts
 */
export async function askSeveral(
  context: Context,
  user: string,
  { seen, messages }: Choice,
  reason: DismissReason | null,
): Promise<number[]> {
  return context.db.transaction().execute(async (tx) => {
    await ensureUser(tx, user);
    const acts: number[] = [];
    for (const message of messages) {
      if (!isWatched(context, message.channel)) continue;
      const later = await listActsAfter(tx, message, seen);
      const own = later.findLast((act) => act.user === user && act.kind === 'dismiss');
      if (own) acts.push(own.id);
      else if (!later.some(hasChanged) && (await isFlagOpen(tx, message))) {
        const why = { reason, duplicateOf: null };
        acts.push(await askDismissal(tx, context, { ...message, user }, why));
      }
    }
    return acts;
  });
}

/** Agreeing with the category leaves a message as it was. */
const hasChanged = ({ kind }: Act) => kind !== 'confirm';

/** What has come of it. */
interface Outcome {
  dismissed: number;
  /** Acts that are not taken yet, because Slack could not say whether the person may act. */
  waiting: number;
  /** Why the person may not. */
  refusals: Refusal[];
  /** The other messages, as they are now. */
  left: CardFacts[];
}

export async function readOutcome(
  context: Context,
  user: string,
  messages: ChosenMessage[],
  ids: number[],
): Promise<Outcome> {
  const acts: Act[] = [];
  for (const id of ids) {
    const act = await findAct(context.db, id);
    if (act) acts.push(act);
  }
  const dismissed = acts.filter(({ state, undone_by }) => state === 'taken' && undone_by === null);
  const waiting = acts.filter(({ state }) => state === 'asked');
  const settled = new Set([...dismissed, ...waiting].map(nameOf));
  return {
    dismissed: dismissed.length,
    waiting: waiting.length,
    refusals: [...new Set(acts.flatMap(({ refusal }) => refusal ?? []))],
    left: await readChosen(
      context,
      user,
      messages.filter((message) => !settled.has(nameOf(message))),
    ),
  };
}

const nameOf = ({ channel, ts }: ChosenMessage) => `${channel} ${ts}`;
