import { onTestFinished } from 'vitest';
import type { Panel } from '../../demo/backstage/panel.ts';
import type { BotKeeper } from '../../demo/bot-keeper.ts';
import { type Demo, type DemoOptions, startDemo } from '../../demo/start-demo.ts';
import { type Tally, tally } from '../../demo/tally.ts';
import { ChangeWatch } from '../../sim/claude/change-watch.ts';
import type { BackstageSection } from '../../sim/slack/backstage.ts';

/** The demo as a person sees it, including the backstage. */

export interface DemoStage extends Demo {
  section(title: string): BackstageSection;
  /** The value of a fact in a section. */
  fact(title: string, label: string): string;
  /** Waits for a state of the workspace or the backstage. */
  until(what: string, predicate: () => boolean, timeoutMs?: number): Promise<void>;
  type(text?: string): Promise<void>;
  tally(): Tally;
}

const COMMAND = '/classify-feedback';

export async function startDemoStage(options: Partial<DemoOptions> = {}): Promise<DemoStage> {
  const demo = await startDemo({
    claude: { kind: 'stand-in' },
    // These tests do not open the page.
    buildPage: async () => import.meta.dirname,
    rateScale: 600,
    // A busy machine takes longer to start the bot.
    patienceMs: 60_000,
    ackTimeoutMs: 60_000,
    ...options,
  });
  onTestFinished(demo.stop);
  const { backstage, standIns } = demo;
  const { slack, channel, people } = standIns;
  const watch = new ChangeWatch();
  backstage.onChange(() => watch.notify());
  const section = (title: string) => findSection(backstage.state().sections, title);
  return {
    ...demo,
    section,
    fact: (title, label) => findFact(section(title), label),
    async until(what, predicate, timeoutMs = 60_000) {
      // Either the workspace or the backstage announces the change.
      await Promise.any([
        slack.waitFor(predicate, { timeoutMs, what }),
        watch.waitFor(predicate, { timeoutMs, what }),
      ]).catch(({ errors }: AggregateError) => {
        throw errors[0];
      });
    },
    async type(text = '') {
      const answer = await slack.command({ command: COMMAND, text, user: people[0], channel });
      if (!answer.acked) throw new Error(`the command was not answered: ${answer.error}`);
    },
    tally: () => tally(slack, channel),
  };
}

function findSection(sections: BackstageSection[], title: string): BackstageSection {
  const found = sections.find((section) => section.title === title);
  if (!found) throw new Error(`there is no section ${title}`);
  return found;
}

export function findFact({ facts, title }: BackstageSection, label: string): string {
  const found = facts.find((fact) => fact.label === label);
  if (!found) throw new Error(`${title} has no fact ${label}: ${JSON.stringify(facts)}`);
  return found.value;
}

export const logOf = (panel: Panel) => (panel.section().log ?? []).map(({ text }) => text);

/** Resolves the next time the bot logs this. */
export function logged(bot: BotKeeper, msg: string): Promise<void> {
  return new Promise((resolve) => {
    bot.onNews((news) => {
      if (news.kind === 'log' && news.line.msg === msg) resolve();
    });
  });
}
