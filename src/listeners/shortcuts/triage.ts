import { z } from 'zod';
import { interpretMessage, slackMessageSchema } from '../../core/intake/message.ts';
import { TS_PATTERN, tsToMs } from '../../core/timestamps.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { checkMembership } from '../../jobs/intake/membership.ts';
import { storeMessage, storeReply } from '../../jobs/intake/store-message.ts';
import { checkInTime, findPermissionProblem } from '../../jobs/people/permissions.ts';
import { applyWaitingReactions } from '../../jobs/people/reactions.ts';
import { TRIAGE_SHORTCUT } from '../../slack/blocks/actions.ts';
import type { TriageState } from '../../slack/blocks/people/triage.ts';
import { resolveCopy } from '../../store/intake/copies.ts';
import { readMessage } from '../../store/intake/messages.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { askAct, markActTaken } from '../../store/people/acts.ts';
import { readState, renderState } from '../modals/triage.ts';
import type { Register, Tools } from '../tools.ts';

/**
 * *Triage this message*: collects a message that was not collected yet, or shows what is known about
 * it. The trigger is valid for three seconds, so the modal shows what the database has; Slack is
 * asked only about people who have never acted before.
 */
export const registerTriage: Register = (app, { context, emit, show }) => {
  app.shortcut(TRIAGE_SHORTCUT, async ({ shortcut, ack, respond }) => {
    const view = await onTriage(context, shortcut, emit);
    await ack();
    await show('views.open', { trigger_id: shortcut.trigger_id, view }, respond);
    emit('message');
  });
};

const shortcutSchema = z.looseObject({
  trigger_id: z.string(),
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  message: z.unknown(),
  // When it was used, by Slack's clock.
  action_ts: z.string().regex(TS_PATTERN).transform(tsToMs).optional().catch(undefined),
});

/** Commits a message that it adds. @returns the modal */
async function onTriage(context: Context, shortcut: unknown, emit: Tools['emit']): Promise<object> {
  const { user, channel, message, action_ts: seenAt } = shortcutSchema.parse(shortcut);
  return renderState(
    context,
    await triage(context, { user: user.id, channel: channel.id, message, seenAt }, emit),
  );
}

async function triage(
  context: Context,
  {
    user,
    channel,
    message: raw,
    seenAt,
  }: { user: string; channel: string; message: unknown; seenAt: number | undefined },
  emit: Tools['emit'],
): Promise<TriageState> {
  const {
    db,
    clock,
    workspace: { self },
  } = context;
  if (!isWatched(context, channel)) return { kind: 'refused', why: 'not_watched' };
  const membership = await checkMembership(context, channel);
  if (membership.kind === 'later') return { kind: 'refused', why: 'later' };
  if (membership.kind !== 'member') return { kind: 'refused', why: 'not_member' };
  if (membership.found) emit('channel');
  const denied = await checkInTime(context, user, () =>
    findPermissionProblem(context, channel, user),
  );
  if (denied === 'outside') return { kind: 'refused', why: 'outsider' };
  if (denied) return { kind: 'refused', why: denied === 'moot' ? 'guest' : denied };
  const parsed = slackMessageSchema.safeParse(raw);
  const intake = parsed.success ? interpretMessage(channel, parsed.data, self) : undefined;
  if (intake?.kind === 'deleted') return { kind: 'refused', why: 'deleted' };
  if (!intake || intake.kind === 'ignored') return { kind: 'refused', why: 'own_post' };
  const message = intake.kind === 'reply' ? intake.reply : intake.message;
  // Slack offers the shortcut only on messages that are there.
  if ((await readMessage(db, channel, message.ts))?.deleted) {
    await db.transaction().execute(async (tx) => {
      if (intake.kind === 'reply') await storeReply(tx, context, intake.reply, { seenAt });
      else await storeMessage(tx, context, message, { seenAt });
    });
  }
  const known = await readState(context, channel, await resolveCopy(db, channel, message.ts));
  if (known) return known;
  const added = await db.transaction().execute(async (tx) => {
    const now = clock.now();
    if (intake.kind === 'reply') await storeReply(tx, context, intake.reply, { seenAt });
    await storeMessage(tx, context, message, { seenAt, added: true });
    if (!(await readMessage(tx, channel, message.ts))) return false;
    await applyWaitingReactions(tx, context, channel, message.ts);
    await ensureUser(tx, user);
    const act = {
      channel,
      ts: message.ts,
      user,
      kind: 'add' as const,
      source: 'shortcut' as const,
    };
    const id = await askAct(tx, act, now);
    await markActTaken(tx, { id, undoes: null }, null);
    return true;
  });
  if (!added) return { kind: 'refused', why: 'forgotten' };
  return { kind: 'added', message };
}
