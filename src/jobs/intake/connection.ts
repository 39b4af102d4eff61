import { MINUTE_MS } from '../../core/durations.ts';
import type { Log } from '../../core/log.ts';
import type { SlackReadError } from '../../slack/read.ts';

/** So many sweeps in a row that find what no event brings are no accident. */
const SWEEPS = 3;

/** While no sweep succeeds, no more are remembered: a message that an event brought is stored anyway. */
const MOST_HEARD = 10_000;

/** Slack may count a connection that is gone for a moment. */
const COUNTED_MS = MINUTE_MS;

/** A message or a reply that a sweep finds. */
export interface Found {
  channel: string;
  ts: string;
  /** ms since 1970 */
  postedAt: number;
}

/**
 * How the bot's own previous connection ended. One that was `cut` may count for a while, one that Slack
 * `ended` for a moment, and so may that of a process before this one (`none`). `rested`: it was closed
 * long enough ago.
 */
export type Ending = 'none' | 'ended' | 'cut' | 'rested';

const keyOf = ({ channel, ts }: { channel: string; ts: string }) => `${channel} ${ts}`;

/**
 * How well the bot hears Slack: what no event brings, who else listens with its token, and whether
 * Slack refuses the list of channels. It lives in memory: the next process finds out anew.
 */
export class Connection {
  readonly #log: Log;
  #connectedAt = Number.POSITIVE_INFINITY;
  /** Messages with an event since the last sweep. */
  readonly #heard = new Set<string>();
  /** For each sweep in a row that found some: the messages that have had no event since. */
  #unheard: Set<string>[] = [];
  #others = 0;
  #doubtful = false;
  #reconnect: (() => void) | undefined;
  #listRefusal: SlackReadError | null = null;
  #untold = false;
  #sweptAt: number | null = null;
  #isConnected = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param reconnect connects anew; there is none over HTTP */
  onTrouble(reconnect: () => void): void {
    this.#reconnect = reconnect;
  }

  /** Events come in from now on. */
  begin(now: number): void {
    this.#connectedAt = now;
    this.#isConnected = true;
    this.#unheard = [];
  }

  /** No event comes in until the next `begin`. */
  lose(): void {
    this.#isConnected = false;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** A sweep has read a part of a channel. */
  recordReading(now: number): void {
    this.#sweptAt = now;
  }

  /** When a sweep last read something or ended, in ms since 1970; null before the first. */
  get sweptAt(): number | null {
    return this.#sweptAt;
  }

  /** An event has arrived. @param message the message that it is about */
  hear(message: { channel: string; ts: string }): void {
    const key = keyOf(message);
    if (this.#heard.size >= MOST_HEARD) this.#heard.clear();
    this.#heard.add(key);
    for (const messages of this.#unheard) messages.delete(key);
  }

  /**
   * A sweep has read the channels. Connects anew when events stay away, or when it is doubtful who
   * else is connected.
   * @param found the messages that were new to the sweep
   */
  sweep(found: Found[], now: number): void {
    this.#sweptAt = now;
    const missed = found
      .filter(({ postedAt }) => postedAt > this.#connectedAt)
      .map(keyOf)
      .filter((key) => !this.#heard.has(key));
    // Some were still on their way as events.
    this.#unheard = this.#unheard.filter(({ size }) => size > 0);
    // A sweep without anything new says nothing about events.
    if (missed.length > 0) this.#unheard.push(new Set(missed));
    else if (this.#heard.size > 0) this.#unheard = [];
    this.#heard.clear();
    if (this.#unheard.length >= SWEEPS) {
      this.#unheard = [];
      this.#log.warn(
        { sweeps: SWEEPS, missed: missed.length },
        this.#reconnect
          ? 'no event brings what people write, though the connection stands; connecting anew'
          : "no event brings what people write: check the Request URL on the app's Event Subscriptions page",
      );
      this.#reconnect?.();
    } else if (this.#doubtful && now - this.#connectedAt > COUNTED_MS) {
      this.#log.info({}, 'connecting anew, to see who else has this app token');
      this.#reconnect?.();
    }
  }

  /** How many connections of other processes Slack counts. */
  get others(): number {
    return this.#others;
  }

  /**
   * Slack says how many connections the app has.
   * @param before how the bot's own previous connection ended
   */
  count(connections: number, before: Ending): void {
    const most = Math.max(0, connections - 1);
    const least = before === 'cut' ? Math.max(0, most - 1) : most;
    const others = Math.min(most, Math.max(least, this.#others));
    this.#doubtful = before === 'cut' ? others < most : before !== 'rested' && most > 0;
    if (others === this.#others) return;
    this.#others = others;
    if (others > 0) {
      this.#log.warn(
        { others },
        'another process has this app token: Slack gives each event, command and press to only one of them, so each misses some; stop the other one, or give it an app of its own',
      );
    } else this.#log.info({}, 'no other process has this app token any more');
  }

  /** The error code with which Slack refuses the list of channels; null while it does not. */
  get listRefusal(): string | null {
    return this.#listRefusal?.code ?? null;
  }

  /** @returns whether it is news */
  recordListRefusal(error: SlackReadError | null): boolean {
    if (error?.code === this.#listRefusal?.code) return false;
    this.#listRefusal = error;
    this.#untold = error !== null;
    return true;
  }

  /** The refusal of the list, the first time that it is asked for. */
  takeNewRefusal(): SlackReadError | null {
    const isNew = this.#untold;
    this.#untold = false;
    return isNew ? this.#listRefusal : null;
  }
}
