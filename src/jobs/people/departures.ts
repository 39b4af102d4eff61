import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { DAY_MS } from '../../core/durations.ts';
import { readMembers, SlackReadError } from '../../slack/read.ts';
import { leaveChannel } from '../../store/intake/channels.ts';
import { upsertMembers } from '../../store/intake/users.ts';
import { askAct, listActiveActs } from '../../store/people/acts.ts';
import { listUncertainClaims } from '../../store/people/flags.ts';
import type { Context } from '../context.ts';

/**
 * Opens flags again whose claimers have left the channel or were deactivated: nobody would look after
 * them. Events say who left; when one was missed, the members are read again after a day. The act in
 * the log undoes the claim.
 */
export async function findDepartures(context: Context): Promise<void> {
  const { db, slack, clock, log } = context;
  const claims = await listUncertainClaims(db, clock.now() - DAY_MS);
  for (const [channel, some] of Map.groupBy(claims, (claim) => claim.channel)) {
    const present = new Set<string>();
    try {
      for await (const members of readMembers(slack, channel)) {
        await db.transaction().execute((tx) => upsertMembers(tx, channel, members, clock.now()));
        for (const member of members) present.add(member);
      }
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      if (!isSlackError(error.code, 'away')) throw error;
      await leaveChannel(db, channel);
      continue;
    }
    for (const { ts, by } of some.filter((claim) => !present.has(claim.by))) {
      await release(context, { channel, ts, by });
      log.info({ channel, ts, user: by }, 'the claimer of a flag is gone');
    }
  }
}

async function release(
  { db, clock }: Context,
  { channel, ts, by }: { channel: string; ts: string; by: string },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const acts = await listActiveActs(tx, channel, ts);
    for (const { id } of acts.filter(({ kind, user }) => kind === 'claim' && user === by)) {
      const act = { channel, ts, user: by, kind: 'undo' as const, source: 'departure' as const };
      await askAct(tx, { ...act, undoes: id }, clock.now());
    }
  });
}
