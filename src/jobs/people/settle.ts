import {
  decideReactions,
  type NewEffect,
  PRIORITY,
  thanksKey,
} from '../../core/delivery/effects.ts';
import { isOpen, type Standing, standingOf } from '../../core/people/acts.ts';
import { findFlagRule } from '../../core/runs/taxonomy.ts';
import { GIST_LENGTH } from '../../core/runs/verdict.ts';
import { shorten, toPlainText } from '../../core/text.ts';
import { renderThanks } from '../../slack/blocks/people/follow-up.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects, cancelUnsent } from '../../store/delivery/outbox.ts';
import { keepDeletion, readMessage } from '../../store/intake/messages.ts';
import { readNames } from '../../store/intake/users.ts';
import { listStandingActs, type Standpoint } from '../../store/people/acts.ts';
import { dropExample, keepExample } from '../../store/people/examples.ts';
import { type Flag, findFlag, openFlags, updateFlag } from '../../store/people/flags.ts';
import { findLastDigest, markStale } from '../../store/runs/runs.ts';
import {
  addVerdict,
  findClaudesVerdict,
  type MessageStandpoint,
  readStandpoint,
  setVerdict,
  type Verdict,
} from '../../store/runs/verdicts.ts';
import { settleTitlesOf } from '../../store/themes/words.ts';
import { type SettleContext, settleCard } from './settle-card.ts';

/**
 * How a message stands follows from Claude's last verdict and from what people have done to it. This
 * works it out anew and writes down whatever that changes: the verdict that counts, the flag, the
 * bot's reactions, the card, the digest. It may be called at any time; without a change it does
 * nothing.
 * @param cause what it follows from, unique for ever: the verdict (`v12`), the act (`a7`)
 * @returns the message's standpoint before and after; undefined when there is no such message
 */
export async function settle(
  tx: Tx,
  context: SettleContext,
  message: { channel: string; ts: string },
  cause: string,
): Promise<{ before: Standpoint; after: Standpoint } | undefined> {
  const { channel, ts } = message;
  const {
    clock,
    settings: { taxonomy },
  } = context;
  const now = clock.now();
  const before = await readStandpoint(tx, channel, ts);
  if (!before) return undefined;
  const standing = standingOf(await listStandingActs(tx, channel, ts), taxonomy);
  const claude = await findClaudesVerdict(tx, channel, ts);
  const nameOf = await readNames(tx);

  const verdict = await settleVerdict(tx, context, message, { before, standing, claude, nameOf });
  if (standing.correction && verdict) {
    await keepExample(tx, { ...message, text: toPlainText(before.text, nameOf) });
  } else {
    await dropExample(tx, message);
  }

  const wanted = claude?.flagged === 1 || verdict?.flagged === 1 || standing.flaggedBy !== null;
  const flag = await findFlag(tx, channel, ts);
  const state = flagState(standing, wanted && !before.deleted);
  if (!flag && wanted && !before.deleted) await openFlags(tx, channel, [ts], now);
  const has = flag !== undefined || (wanted && !before.deleted);
  if (has) {
    await updateFlag(tx, message, { touched_at: now });
    if (flag?.state !== state || flag.by !== standing.by) {
      await updateFlag(tx, message, { state, by: standing.by, changed_at: standing.at ?? now });
    }
  }

  const shownBefore = flag !== undefined && isOpen(flag.state);
  const shownAfter = has && isOpen(state);
  if (!before.deleted) {
    const changed = { channel, ts, flagged: shownAfter };
    await addEffects(
      tx,
      [
        ...decideReactions({
          ...changed,
          cause: `flag-${cause}`,
          before: shownBefore ? context.settings.emoji.flag : null,
          after: shownAfter ? context.settings.emoji.flag : null,
        }),
        ...decideReactions({
          ...changed,
          cause,
          before: before.verdict?.emoji ?? null,
          after: verdict?.emoji ?? null,
        }),
      ],
      now,
    );
  }
  if (has) await settleCard(tx, context, message, { digest: before.digest, nameOf });
  if (before.digest !== null) await markStale(tx, before.digest, now);
  // The newest digest says what is still open of earlier ones.
  const newest = await findLastDigest(tx, channel);
  if (has && newest && newest.id !== before.digest) await markStale(tx, newest.id, now);
  if (has && context.settings.closeTheLoop && (flag?.state !== state || before.deleted)) {
    const by = standing.by === null ? null : (nameOf(standing.by) ?? null);
    await settleThanks(
      tx,
      message,
      { threadTs: before.threadTs, resolved: state === 'resolved' && !before.deleted, by },
      now,
    );
  }
  return {
    before: {
      flag: flag?.state ?? null,
      by: flag?.by ?? null,
      category: before.verdict?.category ?? null,
    },
    after: {
      flag: has ? state : null,
      by: has ? standing.by : null,
      category: verdict?.category ?? null,
    },
  };
}

/** A message or reply is gone: whatever it asked for, nobody has to do it any more. */
export async function takeDeletion(
  tx: Tx,
  context: SettleContext,
  message: { channel: string; ts: string },
): Promise<void> {
  const known = await readMessage(tx, message.channel, message.ts);
  await keepDeletion(tx, message, context.clock.now());
  // Every reading of history tells of it again.
  if (!known || known.deleted) return;
  await settleTitlesOf(tx, message);
  await settle(tx, context, message, `deleted-${message.channel}-${message.ts}`);
}

function flagState(standing: Standing, wanted: boolean): Flag['state'] {
  if (standing.state === 'open' || standing.state === 'claimed') {
    return wanted ? standing.state : 'withdrawn';
  }
  return standing.state;
}

/** The verdict that counts: Claude's, with the category of a person when one has spoken. */
async function settleVerdict(
  tx: Tx,
  { clock, settings: { taxonomy, taxonomyVersion } }: SettleContext,
  message: { channel: string; ts: string },
  {
    before,
    standing: { correction },
    claude,
    nameOf,
  }: {
    before: MessageStandpoint;
    standing: Standing;
    claude: Verdict | undefined;
    nameOf: (user: string) => string | undefined;
  },
): Promise<Verdict | null> {
  const current = before.verdict;
  if (!correction) {
    if (claude && current?.id !== claude.id) await setVerdict(tx, message, { verdict: claude.id });
    if (claude || !current) return claude ?? null;
    // A person had judged it in place of Claude, and has taken that back.
    await setVerdict(tx, message, {
      verdict: null,
      // Edited meanwhile, it is on its way to Claude.
      ...(before.state === 'judged' && { state: 'dead', digest: null }),
    });
    return null;
  }
  // Claude has not come to it yet: what the person said counts as soon as it has.
  if (!claude && !current && before.state !== 'dead') return null;
  const stands =
    current?.person === correction.user &&
    current.category === correction.category &&
    current.id > (claude?.id ?? 0);
  if (stands) return current;
  const base = claude ?? current ?? unjudged(message, before, taxonomyVersion, nameOf);
  const emoji = taxonomy.categories.find(({ key }) => key === correction.category)?.emoji ?? null;
  const judgement = { ...readJudgement(base), category: correction.category };
  const { id: _, ...copied } = { id: 0, ...base };
  const verdict = await addVerdict(tx, {
    ...copied,
    category: correction.category,
    emoji,
    flagged: findFlagRule(taxonomy, judgement) ? 1 : 0,
    person: correction.user,
    created_at: clock.now(),
  });
  await setVerdict(tx, message, {
    verdict: verdict.id,
    // What Claude could not judge a person has judged: it is told of as such.
    ...(before.state === 'dead' && { state: 'judged', digest: null }),
  });
  return verdict;
}

const readJudgement = ({ sentiment, urgency }: Pick<Verdict, 'sentiment' | 'urgency'>) => ({
  sentiment: sentiment as Parameters<typeof findFlagRule>[1]['sentiment'],
  urgency: urgency as Parameters<typeof findFlagRule>[1]['urgency'],
});

/** In place of Claude's verdict on a message that it could not judge. */
function unjudged(
  { channel, ts }: { channel: string; ts: string },
  { text, revision, run }: MessageStandpoint,
  taxonomyVersion: number,
  nameOf: (user: string) => string | undefined,
): Omit<Verdict, 'id'> {
  return {
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
    flagged: 0,
    model: '',
    created_at: 0,
    person: null,
    theme: null,
  };
}

/** Somebody who resolves by mistake takes it back at once: so long the reporter is not told. */
const THANKS_MS = 60_000;

/** With CLOSE_THE_LOOP the reporter hears of it once, in the thread of the message. */
async function settleThanks(
  tx: Tx,
  { channel, ts }: { channel: string; ts: string },
  { threadTs, resolved, by }: { threadTs: string | null; resolved: boolean; by: string | null },
  now: number,
): Promise<void> {
  const key = thanksKey(channel, ts);
  if (!resolved) return cancelUnsent(tx, key);
  const effect: NewEffect = {
    key,
    channel,
    priority: PRIORITY.reply,
    effect: {
      kind: 'post',
      threadTs: threadTs ?? ts,
      metadata: { event_type: 'winnow_thanks', event_payload: { key, channel, ts } },
      ...renderThanks(by),
    },
  };
  await addEffects(tx, [effect], now + THANKS_MS);
}
