import type { Clock } from '../core/clock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import type { WorkspaceFigures } from '../health/figures.ts';
import type { TeamFigures } from '../health/metrics.ts';
import type { RunningUnit, Units } from './units.ts';

const EVERY_MS = SECOND_MS;

/** How many workspaces are measured each second: with 1,000 that all change, figures are three minutes old at most. */
const AT_ONCE = 5;

/** One that changes all the time is measured once in so long. */
const CHANGED_MS = MINUTE_MS;

/** One in which nothing changes is measured all the same, because a month begins. */
const UNCHANGED_MS = HOUR_MS;

interface Measured {
  at: number;
  /** How many statements had changed its database by then; undefined: it could not be measured. */
  writes: number | undefined;
  figures: WorkspaceFigures | undefined;
}

/**
 * The figures of each workspace that this process works for, kept in memory.
 *
 * A scrape comes every few seconds and must cost the same with a thousand workspaces as with one. One statement for all
 * of them cannot be had: with SQLite each has a file, and in PostgreSQL row-level security shows each connection one
 * workspace. So a scrape makes no statement for them. Workspaces are measured by turns instead, a few a second, the oldest
 * figures first; and only if something was written since, which a unit counts anyway. Most workspaces have nothing new
 * most of the time.
 */
export function createFigures({
  units,
  clock,
  log,
}: {
  units: Pick<Units, 'list' | 'find' | 'couldNotStart'>;
  clock: Clock;
  log: Log;
}): {
  /** The job that measures; it says when it wants to run next. */
  measure(): Promise<number>;
  list(): TeamFigures[];
} {
  const known = new WeakMap<RunningUnit, Measured>();

  const isDue = (unit: RunningUnit, now: number): boolean => {
    const last = known.get(unit);
    if (!last) return true;
    const age = Math.abs(now - last.at);
    return age >= (unit.writes() === last.writes ? UNCHANGED_MS : CHANGED_MS);
  };
  const measureOne = async (team: string, unit: RunningUnit): Promise<void> => {
    const at = clock.now();
    const writes = unit.writes();
    try {
      known.set(unit, { at, writes, figures: await unit.measure() });
    } catch (error) {
      // Its database is away, which is logged elsewhere, or the unit has ended.
      log.debug({ err: error, team }, 'the figures of a workspace could not be read');
      known.set(unit, { at, writes: undefined, figures: undefined });
    }
  };
  return {
    async measure() {
      const now = clock.now();
      const due = units
        .list()
        .flatMap((team) => {
          const unit = units.find(team);
          return unit && isDue(unit, now) ? [{ team, unit, at: known.get(unit)?.at ?? 0 }] : [];
        })
        .sort((a, b) => a.at - b.at);
      for (const { team, unit } of due.slice(0, AT_ONCE)) await measureOne(team, unit);
      return clock.now() + EVERY_MS;
    },
    list: () =>
      units.list().map((team) => {
        const unit = units.find(team);
        const figures = unit && known.get(unit)?.figures;
        const isFailing = unit
          ? unit.isRefusedBySlack() || (figures?.isRefusedByClaude ?? false)
          : units.couldNotStart(team);
        return { team, isFailing, figures };
      }),
  };
}
