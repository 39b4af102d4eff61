import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import type { BotKeeper } from '../bot-keeper.ts';
import { createJournal } from '../journal.ts';
import { listPosts } from '../tally.ts';
import { type Panel, promise } from './panel.ts';

/** Claude itself, with somebody's key: all that is known is what the bot logs and posts. */

/** What the bot logs about Claude. Its warnings name what is wrong, never a text. */
const ABOUT_CLAUDE = /batch|Claude|results|model|a run/;

/** pino's level of a warning. */
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
    // Submitted or collected: it can be reached again.
    else if (/submitted|collected/.test(msg)) trouble = undefined;
    journal.add(words, level >= WARNING ? 'bad' : undefined);
    changed();
  });
  return {
    section: () => ({
      title: 'Claude',
      facts: [
        { label: 'Answers come from', value: 'Claude itself, with your ANTHROPIC_API_KEY' },
        trouble
          ? { label: 'Trouble', value: trouble, tone: 'bad' }
          : { label: 'Trouble', value: 'none known', tone: 'good' },
        { label: 'Cost so far', value: describeCost(slack, channel) },
        promise('The price is said before; a batch takes minutes, and may take up to a day.'),
      ],
      controls: [],
      log: journal.entries(),
    }),
    controls: {},
    stop: unfollow,
  };
}

/** As the bot's own summaries say it. */
function describeCost(slack: SlackSim, channel: string): string {
  const costs = listPosts(slack, channel, 'winnow_digest').flatMap(({ blocks }) => {
    const [, usd] = /\$(\d+\.\d+)/.exec(JSON.stringify(blocks)) ?? [];
    return usd ? [Number(usd)] : [];
  });
  if (costs.length === 0) return 'nothing has been summed up yet';
  const sum = costs.reduce((total, cost) => total + cost, 0);
  return `$${sum.toFixed(4)}, by the bot's summaries`;
}
