import { playDue } from './due-day.ts';
import { playLive } from './live-day.ts';
import { playRuns } from './runs-day.ts';
import type { World } from './world.ts';

/** What happens in a world, from its first message until the bot is stopped. */
export interface Day {
  /** Settings of the bot on this day. */
  environment: Record<string, string>;
  play(world: World): Promise<void>;
}

/** The scripted days, each of which is played with a crash at every point. */
export const DAYS = {
  runs: { environment: {}, play: playRuns },
  due: { environment: {}, play: playDue },
  live: { environment: { JUDGE_AS_THEY_COME: 'on' }, play: playLive },
} satisfies Record<string, Day>;

export type DayName = keyof typeof DAYS;

export const isDayName = (name: string): name is DayName => name in DAYS;
