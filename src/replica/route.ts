import type { ReceiverEvent } from '@slack/bolt';
import type { Log } from '../core/log.ts';
import { findInstallationChange, findTeam, isAwaited } from '../core/workspaces/envelope.ts';
import type { Inbox } from './inbox.ts';
import type { Installations } from './installations.ts';
import type { Units } from './units.ts';

const NOT_HERE =
  'Winnow is not installed in this workspace any more. Whoever manages its apps can add it again.';

/**
 * Brings what Slack sends to the workspace that it is for: in this process, or through the inbox to another one.
 * @returns handles an envelope; throws when Slack is to send it again
 */
export const createRoute =
  ({
    log,
    units,
    inbox,
    installations,
  }: {
    log: Log;
    units: Units;
    inbox: Inbox;
    installations: Installations;
  }) =>
  async (event: ReceiverEvent): Promise<void> => {
    const { body, ack } = event;
    const change = findInstallationChange(body);
    if (change) {
      await installations.apply(change);
      return ack();
    }
    const team = findTeam(body);
    if (team === undefined) {
      log.warn({}, 'Slack has sent something that is for no workspace');
      return ack();
    }
    const unit = units.find(team);
    if (unit) return unit.handle(event);
    if (await installations.isActive(team)) return inbox.pass(team, event);
    const command = isAwaited(body) && 'command' in body;
    await ack(command ? { response_type: 'ephemeral', text: NOT_HERE } : undefined);
  };
