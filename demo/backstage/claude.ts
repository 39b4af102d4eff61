import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import type { BotKeeper } from '../bot-keeper.ts';
import { createJournal } from '../journal.ts';
import { listPosts } from '../tally.ts';
import { type Panel, promise } from './panel.ts';

/** The panel of the real Claude: it shows only what the bot logs and posts. */

/** The bot's log messages about Claude. Warnings never contain message texts. */
const ABOUT_CLAUDE = /batch|Claude|results|model|a run/;

/** pino's level for warnings. */
const WARNING = 40;

export function createClaudePanel(
  keeper: BotKeeper,
  { slack, channel, changed }: { slack: SlackSim; channel: string; changed: () => void },
): Panel {
  const journal = createJournal();
  let trouble: string | undefined;
  const unfollow = keeper.onNews((news) => {
    if (news.kind === 'state') {
      if (news.state.kind === 'starting') trouble = undefined;
      return;
    }
    const { level, msg, reason } = news.line;
    if (!ABOUT_CLAUDE.test(msg)) return;
    const words = reason ? `${msg}: ${reason}` : msg;
    if (level >= WARNING) trouble = words;
    // A batch was submitted or collected: Claude can be reached again.
    else if (/submitted|collected/.test(msg)) trouble = undefined;
    journal.add(words, level >= WARNING ? 'bad' : undefined);
    changed();
  });
  return {
    section: () => ({
      title: 'Claude',
      facts: [
        { label: 'Answers come from', value: 'the real Claude, with your ANTHROPIC_API_KEY' },
        trouble
          ? { label: 'Trouble', value: trouble, tone: 'bad' }
          : { label: 'Trouble', value: 'none known', tone: 'good' },
        { label: 'Cost so far', value: describeCost(slack, channel) },
        promise('The bot states the price first. A batch takes minutes, at most a day.'),
      ],
      controls: [],
      log: journal.entries(),
    }),
    controls: {},
    stop: unfollow,
  };
}

/** From the bot's summaries. */
function describeCost(slack: SlackSim, channel: string): string {
  const costs = listPosts(slack, channel, 'winnow_digest').flatMap(({ blocks }) => {
    const [, usd] = /\$(\d+\.\d+)/.exec(JSON.stringify(blocks)) ?? [];
    return usd ? [Number(usd)] : [];
  });
  if (costs.length === 0) return 'nothing has been summed up yet';
  const sum = costs.reduce((total, cost) => total + cost, 0);
  return `$${sum.toFixed(4)}, by the bot's summaries`;
}
