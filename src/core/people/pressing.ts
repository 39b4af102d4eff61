import type { Urgency } from '../runs/taxonomy.ts';
import type { FlagState } from './acts.ts';

/** What decides how pressing a message is that needs attention. */
export interface Pressing {
  channel: string;
  ts: string;
  state: FlagState;
  /** null when nobody has judged its text. */
  urgency: Urgency | null;
  /** How many people have said the same lately; it counts itself. */
  people: number;
  /** How sure the judge of it is, from 0 to 1. */
  confidence: number;
  /** When it was flagged, in ms since 1970. */
  openedAt: number;
}

/**
 * The order of what needs attention, the most pressing first, wherever people see it: what nobody has taken
 * on, the most urgent, what most people say, what is surest, what has waited longest.
 */
export function byPressure(one: Pressing, other: Pressing): number {
  return (
    STATES[one.state] - STATES[other.state] ||
    urgencyOf(one) - urgencyOf(other) ||
    other.people - one.people ||
    tenthsOf(other) - tenthsOf(one) ||
    one.openedAt - other.openedAt ||
    compareIds(one.channel, other.channel) ||
    compareIds(one.ts, other.ts)
  );
}

const STATES: Record<FlagState, number> = {
  open: 0,
  claimed: 1,
  resolved: 2,
  dismissed: 2,
  withdrawn: 2,
};

const URGENCIES: Record<Urgency, number> = { high: 0, medium: 1, low: 2 };
const urgencyOf = ({ urgency }: Pressing) => URGENCIES[urgency ?? 'low'];

/** A smaller difference says nothing, and would decide before the age does. */
const tenthsOf = ({ confidence }: Pressing) => Math.round(confidence * 10);

const compareIds = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
