import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { SlackReadError } from '../../slack/read.ts';
import { findOwnChannel } from '../../slack/read-channels.ts';
import { discoverChannel, findChannel } from '../../store/intake/channels.ts';
import type { Context } from '../context.ts';
import { inTime } from '../people/permissions.ts';

/** Whether the bot is in a channel, where somebody waits for the answer. */
export type Membership =
  /** `found`: no event had said so, and history has to be read. */
  | { kind: 'member'; found: boolean }
  | { kind: 'outside' }
  /** Slack does not say, for this reason. */
  | { kind: 'refused'; error: string }
  /** Slack does not answer in time. */
  | { kind: 'later' };

/** Somebody's permission may have to be asked for as well within Slack's three seconds. */
const TIMEOUT_MS = 1_000;

/**
 * An event that says that the bot was let in may have been missed, so Slack is asked before anybody
 * is told that the bot is not there.
 */
export async function checkMembership(context: Context, channel: string): Promise<Membership> {
  const { db, clock, catchUp } = context;
  if ((await findChannel(db, channel))?.state === 'member') return { kind: 'member', found: false };
  const asked = await inTime(context, TIMEOUT_MS, ask(context, channel), {
    kind: 'later' as const,
  });
  if (asked.kind !== 'member') return asked;
  await discoverChannel(db, channel, asked.name);
  catchUp.missEvents(clock.now());
  return { kind: 'member', found: true };
}

async function ask({ slack, log, connection }: Context, channel: string) {
  try {
    const own = await findOwnChannel(slack, channel);
    return own ? { kind: 'member' as const, name: own.name } : { kind: 'outside' as const };
  } catch (error) {
    if (!(error instanceof SlackReadError)) throw error;
    if (isSlackError(error.code, 'away')) {
      // Where Slack refuses the list of channels, it may refuse to know this one as well.
      const refusal = connection.listRefusal;
      if (refusal === null) return { kind: 'outside' as const };
      return { kind: 'refused' as const, error: refusal };
    }
    log.warn({ channel, reason: error.message }, 'could not ask Slack about a channel');
    return error.code === undefined
      ? { kind: 'later' as const }
      : { kind: 'refused' as const, error: error.code };
  }
}
