import { decideReactions, type NewEffect } from '../delivery/effects.ts';
import type { MessageChange, MessageState } from '../runs/outcome.ts';
import { findFlagRule, type Taxonomy } from '../runs/taxonomy.ts';
import { GIST_LENGTH, type Verdict } from '../runs/verdict.ts';
import { shorten, toPlainText } from '../text.ts';
import { type ActiveAct, type ActState, deriveActState, type FlagState, isOpen } from './acts.ts';
import { decideAlso } from './categories.ts';
import type { Dismissal } from './dismissal.ts';

/**
 * What follows from a new verdict, an act or a deletion: the verdict that counts, the flag, the bot's
 * reactions, the card, the example, the thanks, and which digests are stale. Facts in, changes out:
 * `store/people/facts.ts` reads the ones, `store/people/changes.ts` writes the others.
 */

/** What is stored about one message. */
export interface MessageFacts {
  channel: string;
  ts: string;
  threadTs: string | null;
  text: string;
  /** The integration that posted it; null for people. */
  bot: string | null;
  revision: number;
  state: MessageState;
  /** How many answers were no good. */
  tries: number;
  run: number | null;
  deleted: boolean;
  /** Nothing of its text is left. */
  forgotten: boolean;
  /** The verdict that counts so far. */
  verdict: Verdict | null;
  /** Claude's last one: newer than the one that counts when nothing has followed from it yet. */
  claude: Verdict | null;
  /** ActState ones, in their order. */
  acts: ActiveAct[];
  flag: { state: FlagState; by: string | null; changedAt: number } | null;
  /** Outbox keys of the posts that show it as a card. */
  cards: string[];
  /** The digest that has told of it, if any; whether its parent is written; the newest of all. */
  digest: { run: number; written: boolean; newest: number | null } | null;
  /** The digest that asks whether its verdict is right; null: none. */
  askedIn: number | null;
}

export interface DecideContext {
  taxonomy: Taxonomy;
  taxonomyVersion: number;
  /** The reaction on what needs attention. */
  flagEmoji: string;
  /** Whether the reporter is told when a message is resolved. */
  closeTheLoop: boolean;
  nameOf: (user: string) => string | undefined;
  /** ms since 1970 */
  now: number;
}

/** What an act has changed, as the audit log keeps it. */
export interface AuditedState {
  flag: string | null;
  by: string | null;
  category: string | null;
  also: string | null;
}

/** What is to be written. Null: it stays as it is. */
export interface Changes {
  ts: string;
  message: MessageChange;
  /** The verdict that counts from now on. */
  verdict:
    | { kind: 'stored'; id: number }
    | { kind: 'new'; verdict: Omit<Verdict, 'id'> }
    | { kind: 'none' }
    | null;
  /** As it is now, whether it was there before or not. */
  flag: { state: FlagState; by: string | null; changedAt: number; why: Dismissal | null } | null;
  example: { kind: 'keep'; text: string } | { kind: 'drop' } | null;
  /** Of all messages that change together, flags come first. */
  reactions: { flag: NewEffect[]; category: NewEffect[] };
  card: { kind: 'refresh'; keys: string[] } | { kind: 'add'; run: number } | null;
  thanks: { kind: 'say'; threadTs: string; by: string | null } | { kind: 'cancel' } | null;
  /** Runs whose digests are to be told anew. */
  staleDigests: number[];
  /** How the message stands before and after. */
  before: AuditedState;
  after: AuditedState;
}

/**
 * @param cause what it follows from, unique for ever: the verdict (`v12`), the act (`a7`)
 */
export function decideChanges(facts: MessageFacts, cause: string, context: DecideContext): Changes {
  const { channel, ts, deleted, flag: flagBefore } = facts;
  const { flagEmoji, nameOf } = context;
  const standing = deriveActState(facts.acts, context.taxonomy);
  const news = findNews(facts);
  const { counts, verdict, message } = decideVerdict(facts, standing.correction, context);
  const flag = decideFlag(facts, standing, counts, context.now);
  // What Claude has judged gets its card when the digest is written, if it is among the most pressing.
  const digest = news ? null : facts.digest;

  const shown = flagBefore !== null && isOpen(flagBefore.state);
  const shownAfter = flag !== null && isOpen(flag.state);
  const swap = (of: string, before: string | null, after: string | null) =>
    deleted ? [] : decideReactions({ channel, ts, cause: of, before, after, flagged: shownAfter });

  return {
    ts,
    message: { ...newsChange(facts, news), ...message },
    verdict,
    flag,
    example: decideExample(facts, counts, nameOf),
    reactions: {
      flag: swap(`flag-${cause}`, shown ? flagEmoji : null, shownAfter ? flagEmoji : null),
      category: swap(cause, facts.verdict?.emoji ?? null, counts?.emoji ?? null),
    },
    card: flag && decideCard(facts.cards, digest, flagBefore),
    thanks: flag && context.closeTheLoop ? decideThanks(facts, flag, nameOf) : null,
    staleDigests: findStaleDigests(facts, flag !== null),
    before: {
      flag: flagBefore?.state ?? null,
      by: flagBefore?.by ?? null,
      category: facts.verdict?.category ?? null,
      also: facts.verdict?.also ?? null,
    },
    after: {
      flag: flag?.state ?? null,
      by: flag?.by ?? null,
      category: counts?.category ?? null,
      also: counts?.also ?? null,
    },
  };
}

/**
 * Whether Claude has said something new, and of which text. On the one that the verdict before was
 * about, it is no news: the digest that told of that verdict tells of this one instead.
 */
function findNews({ state, verdict, claude }: MessageFacts): 'same text' | 'another text' | null {
  if (!claude || claude.id <= (verdict?.id ?? 0)) return null;
  return state === 'judged' && verdict?.revision === claude.revision ? 'same text' : 'another text';
}

/** The text may be newer than what Claude has judged: then the next run judges it. */
function newsChange(
  { claude, revision }: MessageFacts,
  news: ReturnType<typeof findNews>,
): MessageChange {
  if (!news || !claude) return {};
  return {
    state: 'judged',
    trouble: null,
    ...(news === 'another text' && { digest: null }),
    ...(claude.revision < revision && { again: 1 }),
  };
}

/** The verdict that counts: Claude's, with the categories of a person when one has spoken. */
function decideVerdict(
  facts: MessageFacts,
  correction: ActState['correction'],
  { taxonomy, taxonomyVersion, nameOf, now }: DecideContext,
): Pick<Changes, 'verdict' | 'message'> & { counts: Omit<Verdict, 'id'> | null } {
  const { state, verdict: current, claude } = facts;
  const same = { counts: current, verdict: null, message: {} };
  if (!correction) {
    if (claude && claude.id === current?.id) return same;
    if (claude) return { counts: claude, verdict: { kind: 'stored', id: claude.id }, message: {} };
    if (!current) return same;
    // A person had judged it in place of Claude, and has taken that back. Edited meanwhile, it is on
    // its way to Claude.
    const message: MessageChange = state === 'judged' ? { state: 'dead', digest: null } : {};
    return { counts: null, verdict: { kind: 'none' }, message };
  }
  // Claude has not come to it yet: what the person said counts as soon as it has.
  if (!claude && !current && state !== 'dead') return same;
  const also = decideAlso(claude, facts.acts, taxonomy);
  const stands =
    current?.person === correction.user &&
    current.category === correction.category &&
    current.also === also &&
    current.id > (claude?.id ?? 0);
  if (stands) return same;
  const base = claude ?? current ?? unjudged(facts, taxonomyVersion, nameOf);
  const { id: _, ...judgement } = { ...base, category: correction.category, also };
  const verdict = {
    ...judgement,
    emoji: taxonomy.categories.find(({ key }) => key === correction.category)?.emoji ?? null,
    flagged: findFlagRule(taxonomy, judgement) ? 1 : 0,
    person: correction.user,
    created_at: now,
  };
  // What Claude could not judge a person has judged: it is told of as such.
  const message: MessageChange = state === 'dead' ? { state: 'judged', digest: null } : {};
  return { counts: verdict, verdict: { kind: 'new', verdict }, message };
}

/** In place of Claude's verdict on a message that it could not judge. */
function unjudged(
  { channel, ts, text, revision, run }: MessageFacts,
  taxonomyVersion: number,
  nameOf: DecideContext['nameOf'],
): Verdict {
  return {
    id: 0,
    channel,
    ts,
    revision,
    run: run ?? 0,
    taxonomy_version: taxonomyVersion,
    category: '',
    emoji: null,
    sentiment: 'neutral',
    urgency: 'low',
    gist: shorten(toPlainText(text, nameOf), GIST_LENGTH),
    language: 'und',
    confidence: 1,
    runner_up: null,
    also: null,
    flagged: 0,
    model: '',
    created_at: 0,
    person: null,
    theme: null,
  };
}

/** A flag that was there once stays, as withdrawn when nothing asks for a person any more. */
function decideFlag(
  { claude, flag, deleted }: MessageFacts,
  { state: stands, by, at, why, flaggedBy }: ActState,
  counts: Pick<Verdict, 'flagged'> | null,
  now: number,
): Changes['flag'] {
  const asked = claude?.flagged === 1 || counts?.flagged === 1 || flaggedBy !== null;
  const wanted = asked && !deleted;
  if (!flag && !wanted) return null;
  const state = isOpen(stands) && !wanted ? 'withdrawn' : stands;
  const same = flag?.state === state && flag.by === by;
  return { state, by, changedAt: same ? flag.changedAt : (at ?? now), why };
}

/** What a person has corrected or confirmed is an example from then on. */
function decideExample(
  { text, verdict, forgotten }: MessageFacts,
  counts: Pick<Verdict, 'person'> | null,
  nameOf: DecideContext['nameOf'],
): Changes['example'] {
  if (forgotten) return null;
  if (counts?.person) return { kind: 'keep', text: toPlainText(text, nameOf) };
  return verdict?.person ? { kind: 'drop' } : null;
}

/**
 * The card follows at once. A message that a person flags gets one in the thread of its digest; one that was
 * flagged before and has none is not among the most pressing there.
 * @param digest null when writing the digest decides which messages get cards
 */
function decideCard(
  keys: string[],
  digest: MessageFacts['digest'],
  before: MessageFacts['flag'],
): Changes['card'] {
  if (keys.length > 0) return { kind: 'refresh', keys };
  if (before && before.state !== 'withdrawn') return null;
  // Not published yet: the digest that publishes it brings the card.
  return digest?.written ? { kind: 'add', run: digest.run } : null;
}

/** The reporter hears of it once, in the thread of the message. */
function decideThanks(
  { ts, threadTs, deleted, flag: before }: MessageFacts,
  { state, by }: NonNullable<Changes['flag']>,
  nameOf: DecideContext['nameOf'],
): Changes['thanks'] {
  if (before?.state === state && !deleted) return null;
  if (state === 'resolved' && !deleted) {
    const name = by === null ? null : (nameOf(by) ?? null);
    return { kind: 'say', threadTs: threadTs ?? ts, by: name };
  }
  return before && { kind: 'cancel' };
}

/**
 * The one that has told of it, the one that asks about it, and the newest, which says what is still open of
 * earlier ones and how often verdicts are right.
 */
function findStaleDigests({ digest, askedIn }: MessageFacts, flagged: boolean): number[] {
  const newest = flagged || askedIn !== null ? digest?.newest : null;
  return [...new Set([digest?.run, newest, askedIn].filter((run) => typeof run === 'number'))];
}
