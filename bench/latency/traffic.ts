import { drawUniform } from '../../sim/claude/latency.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/durations.ts';
import { FINISH_MS } from '../../src/core/runs/lane.ts';

/** What happens in a channel: messages at any time, one command in the afternoon, a summary at nine. */
export type Happening = { at: number } & (
  | { kind: 'message'; number: number }
  | { kind: 'command' }
  /** Five minutes before the summary is due. */
  | { kind: 'soon due'; dueAt: number }
  | { kind: 'due'; dueAt: number }
  /** The end of the minute for which the summary was planned. */
  | { kind: 'look'; dueAt: number }
);

/** Nine o'clock in UTC, as in `SCHEDULE`. */
export const START = Date.parse('2026-11-23T09:00:00Z');
export const SCHEDULE = '0 9 * * *';

/** Commands are typed from two in the afternoon until seven. */
const COMMANDS = { fromMs: 5 * HOUR_MS, untilMs: 10 * HOUR_MS };

/** All that happens, in order; the same for each seed. */
export function planTraffic(perDay: number, days: number, seed: number): Happening[] {
  const draw = (what: string) => drawUniform(`${seed} ${what}`);
  const happenings = Array.from({ length: perDay * days }, (_, number): Happening => {
    const at = START + Math.floor(draw(`message at ${number}`) * days * DAY_MS);
    return { kind: 'message', at, number };
  });
  const { fromMs, untilMs } = COMMANDS;
  for (let day = 0; day < days; day++) {
    const morning = START + day * DAY_MS;
    const typedAt = morning + fromMs + Math.floor(draw(`command ${day}`) * (untilMs - fromMs));
    const dueAt = morning + DAY_MS;
    happenings.push(
      { kind: 'command', at: typedAt },
      { kind: 'soon due', at: dueAt - FINISH_MS, dueAt },
      { kind: 'due', at: dueAt, dueAt },
      { kind: 'look', at: dueAt + MINUTE_MS - 1, dueAt },
    );
  }
  return happenings.sort((one, other) => one.at - other.at);
}
