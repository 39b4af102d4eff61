import type { Context, NextAt } from './context.ts';

/** What a job is: a row of the registry. */

/** Something that a listener or a receiver has committed or seen. */
export type Event =
  | 'start'
  /** Events are coming in. */
  | 'connected'
  /** The connection was lost and is back: events may have been missed. */
  | 'reconnected'
  | 'message'
  /** A file has changed. */
  | 'file'
  /** The sweep has read a channel. */
  | 'channel read'
  /** The bot joined a channel, or older messages of one are wanted. */
  | 'channel'
  /** Somebody reacted, pressed a button or used the shortcut. */
  | 'act'
  /** Somebody asked the bot something. */
  | 'question'
  /** Somebody typed the command, or canceled a run. */
  | 'command'
  /** Claude has answered express. */
  | 'judged'
  /** Somebody left a channel, or was deactivated. */
  | 'departure'
  /** Somebody asked for something to be forgotten. */
  | 'forget'
  /** Somebody opened the Home tab or did something there. */
  | 'home'
  /** The workspace's emoji have changed. */
  | 'emoji'
  | 'settings'
  /** Something can be stored again: every job runs. */
  | 'storage'
  /** The clock was set back: every job looks at it anew. */
  | 'clock';

interface JobRow {
  /** Never the name of an event: a job wakes those after it by its name. */
  name: string;
  /** What wakes it: an event, or another job that has run. Otherwise it runs when it said it would. */
  after: readonly string[];
  /** It runs at least this often, for what nothing wakes it. */
  everyMs?: number;
  /** Without a cause it runs only if something was written since: it looks for nothing else. */
  ifWritten?: true;
  /** It does not run before this event. */
  begins?: Event;
  /** Its next time is a routine: nothing waits for it. */
  routine?: true;
}

/** Does what is due now and says when it wants to run next. */
export interface TaskJob extends JobRow {
  /** @throws to run again after a backoff, with the same causes */
  run(context: Context, wake: Wake): Promise<NextAt>;
}

export interface Wake {
  /** What has woken the job since it last ran without an error. */
  causes: ReadonlySet<string>;
  /** Wakes others before the job has ended. */
  emit(event: Event): void;
  /**
   * Aborted when the bot stops. A job that takes long may throw its reason: no error, as long as the next start
   * goes on with the work.
   */
  signal: AbortSignal;
}

/** Work in lanes that do not wait for one another. */
export interface LaneJob extends JobRow {
  listLanes(context: Context): Promise<string[]>;
  /**
   * @param emit wakes others before the lane is idle
   * @returns when the lane is due next; null when it is idle
   */
  runLane(
    context: Context,
    lane: string,
    signal: AbortSignal,
    emit: (event: Event) => void,
  ): Promise<NextAt>;
}

export type Job = TaskJob | LaneJob;
