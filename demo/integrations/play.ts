import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import { COLLEAGUE, DAY, INTEGRATIONS, type Source } from './day.ts';
import type { Shape } from './shapes.ts';

/** Plays the day of integrations into a channel. */

const SLACKBOT = 'USLACKBOT';

/**
 * Posts all of it at once, then the edits.
 * @param people who post what is not an integration's, in turn
 * @returns the timestamps, in the order of the day
 */
export function playIntegrations(
  slack: SlackSim,
  { channel, people }: { channel: string; people: readonly string[] },
): string[] {
  const bots = addIntegrations(slack);
  let turn = 0;
  const authorOf = (by: Source): { user: string } | { botId: string } => {
    if (by === 'e-mail') return { user: SLACKBOT };
    if (by !== 'team') return { botId: bots[by] };
    turn += 1;
    return { user: people[turn % people.length] ?? SLACKBOT };
  };
  const naming = (shape: Shape): Shape =>
    JSON.parse(JSON.stringify(shape).replaceAll(COLLEAGUE, `@${people[0] ?? SLACKBOT}`));
  const sent = DAY.map(({ by, post }) => slack.post({ channel, ...authorOf(by), ...naming(post) }));
  for (const [index, { edit }] of DAY.entries()) {
    const ts = sent[index];
    if (!edit || ts === undefined) continue;
    const { text = '', blocks, attachments } = edit;
    slack.edit({
      channel,
      ts,
      text,
      ...(blocks && { blocks }),
      ...(attachments && { attachments }),
    });
  }
  return sent;
}

type Bots = Record<keyof typeof INTEGRATIONS, string>;

const added = new WeakMap<SlackSim, Bots>();

/** The integrations' bot ids; they and Slackbot are added once. */
function addIntegrations(slack: SlackSim): Bots {
  const known = added.get(slack);
  if (known) return known;
  const { users } = slack.state() as { users: { id: string }[] };
  if (users.every(({ id }) => id !== SLACKBOT))
    slack.addUser({ id: SLACKBOT, name: 'slackbot', realName: 'Slackbot', isBot: true });
  const ids = Object.entries(INTEGRATIONS).map(([key, integration]) => [
    key,
    slack.addIntegration(integration),
  ]);
  const bots: Bots = Object.fromEntries(ids);
  added.set(slack, bots);
  return bots;
}
