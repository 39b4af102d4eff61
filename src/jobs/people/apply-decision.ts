import { type NewEffect, PRIORITY, thanksKey } from '../../core/delivery/effects.ts';
import {
  type AuditedState,
  type Changes,
  decideChanges,
  type MessageFacts,
} from '../../core/people/decide.ts';
import { renderThanks, type Thanked } from '../../slack/blocks/people/follow-up.ts';
import type { Tx } from '../../store/db/tables.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import { readMessage } from '../../store/intake/messages.ts';
import { findUser, readNames } from '../../store/intake/users.ts';
import { applyChanges } from '../../store/people/changes.ts';
import { readFacts } from '../../store/people/facts.ts';
import type { JudgedFacts } from '../../store/runs/results.ts';
import { createPause } from '../slices.ts';
import { type DecisionContext, refreshCard } from './refresh-card.ts';

/** The reporter is thanked only after this long, because people undo a mistaken resolve at once. */
const THANKS_MS = 60_000;

/**
 * Derives the state of a message from what is stored, and writes what that changes. It may be
 * called at any time; without a change it does nothing.
 * @param cause unique for ever: the act (`a7`), or the deletion
 * @returns the state of the message before and after; undefined when there is no such message
 */
export async function applyDecision(
  tx: Tx,
  context: DecisionContext,
  { channel, ts }: { channel: string; ts: string },
  cause: string,
): Promise<{ before: AuditedState; after: AuditedState } | undefined> {
  const facts = await readFacts(tx, channel, [ts]);
  const [changes] = await follow(tx, context, channel, facts, () => cause);
  return changes && { before: changes.before, after: changes.after };
}

/** The same for messages of a channel that Claude has just judged, all together. */
export async function applyVerdicts(
  tx: Tx,
  context: DecisionContext,
  channel: string,
  judged: JudgedFacts[],
): Promise<void> {
  await follow(tx, context, channel, judged, ({ claude }) => `v${claude.id}`);
}

async function follow<Facts extends MessageFacts>(
  tx: Tx,
  context: DecisionContext,
  channel: string,
  messages: Facts[],
  causeOf: (facts: Facts) => string,
): Promise<Changes[]> {
  const now = context.clock.now();
  // Nothing that follows from Claude's first verdict on a message names a person.
  const known = messages.some(({ verdict, acts, flag }) => verdict || flag || acts.length > 0);
  const nameOf = known ? await readNames(tx) : () => undefined;
  const decideContext = {
    taxonomy: context.settings.taxonomy,
    taxonomyVersion: context.settings.taxonomyVersion,
    flagEmoji: context.settings.emoji.flag,
    closeTheLoop: context.settings.closeTheLoop,
    nameOf,
    now,
  };
  const changes = messages.map((facts) => decideChanges(facts, causeOf(facts), decideContext));
  await applyChanges(tx, channel, changes, now);
  const pause = createPause();
  for (const { ts, card } of changes) {
    if (!card) continue;
    await refreshCard(tx, context, { channel, ts }, card, nameOf);
    // Each card takes many statements.
    await pause();
  }
  for (const change of changes) {
    await addEffects(tx, await buildThanks(tx, channel, change), now + THANKS_MS);
  }
  return changes;
}

async function buildThanks(tx: Tx, channel: string, { ts, thanks }: Changes): Promise<NewEffect[]> {
  if (thanks?.kind !== 'say') return [];
  const key = thanksKey(channel, ts);
  return [
    {
      key,
      channel,
      priority: PRIORITY.reply,
      effect: {
        kind: 'post',
        threadTs: thanks.threadTs,
        metadata: { event_type: 'winnow_thanks', event_payload: { key, channel, ts } },
        ...renderThanks(thanks.by, await findThanked(tx, channel, ts)),
      },
    },
  ];
}

/** Only a member of the workspace is mentioned: others do not read it, or are guests. */
async function findThanked(tx: Tx, channel: string, ts: string): Promise<Thanked> {
  const message = await readMessage(tx, channel, ts);
  if (!message || message.bot === null) return { kind: 'author' };
  const { author, reporter } = message;
  const person = author !== null && author === reporter ? await findUser(tx, author) : undefined;
  return person?.role === 'member' ? { kind: 'member', user: person.id } : { kind: 'nobody' };
}
