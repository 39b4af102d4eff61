import { type ClaudeSim, startClaudeSim } from './claude/claude-sim.ts';
import { playSample } from './feedback/play.ts';
import { type SlackSim, type SlackSimOptions, startSlackSim } from './slack/slack-sim.ts';
import type { Names } from './terminal.ts';

/** Both stand-ins with a small team in them, for the demo and for `npm run sim`. */

export interface StandIns {
  slack: SlackSim;
  claude: ClaudeSim;
  /** The channel that the bot is invited to. */
  channel: string;
  /** The team's people; the first one types the commands. */
  people: [string, string, string, ...string[]];
  names: Names;
  /** Environment variables that point a bot at the stand-ins. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * @param rateScale multiplies Slack's limits, in the stand-in and in the bot's environment
 * @param batchMs how long a batch takes
 * @param timeZone the people's time zone
 * @param app the scopes, events and commands of the Slack app; default the workspace's
 * @param now the clock for posts, ms since 1970
 * @throws EADDRINUSE when one of the ports is taken
 */
export async function startStandIns({
  slackPort = 0,
  claudePort = 0,
  rateScale = 1,
  batchMs = 2000,
  timeZone = 'UTC',
  app = {},
  now = Date.now,
}: {
  slackPort?: number;
  claudePort?: number;
  rateScale?: number;
  batchMs?: number;
  timeZone?: string;
  app?: Pick<SlackSimOptions, 'botName' | 'scopes' | 'events' | 'commands' | 'ackTimeoutMs'>;
  now?: () => number;
}): Promise<StandIns> {
  const slack = await startSlackSim({
    botName: 'winnow',
    ...app,
    port: slackPort,
    rateScale,
    now,
  });
  const claude = await startClaudeSim({ port: claudePort, batchMs });
  const names = new Map<string, string>();
  const addPerson = (name: string, realName: string) => {
    const id = slack.addUser({ name, realName, displayName: realName, tz: timeZone });
    names.set(id, `@${realName}`);
    return id;
  };
  const lead = addPerson('ana', 'Ana (product)');
  const people: StandIns['people'] = [
    lead,
    addPerson('ben', 'Ben (support)'),
    addPerson('chloe', 'Chloé (sales)'),
    addPerson('deniz', 'Deniz (research)'),
  ];
  const channel = slack.addChannel({ name: 'feedback', members: people });
  slack.inviteBot(channel, lead);
  names.set(channel, '#feedback');
  return {
    slack,
    claude,
    channel,
    people,
    names,
    environment: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_RATE_SCALE: String(rateScale),
      ANTHROPIC_BASE_URL: claude.url,
      ANTHROPIC_API_KEY: claude.apiKey,
      BATCH_POLL_SECONDS: '0.5',
    },
    async stop() {
      await Promise.all([slack.stop(), claude.stop()]);
    },
  };
}

/** Posts `count` rows of the sample feedback into the channel, starting with row `from`. */
export function playFeedback(
  { slack, channel, people }: StandIns,
  count: number,
  { from = 0 }: { from?: number } = {},
): string[] {
  const [ana, ben, chloe, deniz = ana] = people;
  return playSample({ slack, channel, people: { ana, ben, chloe, deniz } }, count, from);
}
