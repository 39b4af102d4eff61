import type { ClaudeAnswer } from '../../../claude/batches.ts';
import type { ExpressAnswer } from '../../../claude/express.ts';
import type { BatchRequest } from '../../../claude/outgoing.ts';
import { countStartable } from '../../../core/runs/pace.ts';
import type { Context } from '../../context.ts';

/** After so many refusals in a row the messages are not at fault. */
const MAX_REFUSED = 3;

/** About what an answer takes, in tokens, as Claude's limits count it. */
const OUTPUT_TOKENS = 100;

/**
 * The express calls of one lane: how many may begin beside those of other lanes, which are under way, and
 * what has gone wrong in one of them.
 */
export class LaneCalls {
  readonly #context: Pick<Context, 'pace' | 'clock' | 'callsInFlight'>;
  readonly #lane: string;
  readonly #calls = new Map<string, Promise<void>>();
  /** What the largest request so far takes. */
  #inputTokens = 0;
  /** In a row. */
  #refused = 0;
  #failure: { error: unknown } | undefined;

  constructor(context: Pick<Context, 'pace' | 'clock' | 'callsInFlight'>, lane: string) {
    this.#context = context;
    this.#lane = lane;
    context.callsInFlight.enter(lane);
  }

  /** How many are under way. */
  get size(): number {
    return this.#calls.size;
  }

  isUnderWay(name: string): boolean {
    return this.#calls.has(name);
  }

  /** @throws what a call has thrown, which nobody expected */
  throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** How many may begin now, and when to ask again if none may. */
  mayBegin(): { calls: number; nextAt: number } {
    const { pace, clock, callsInFlight } = this.#context;
    const need = { inputTokens: this.#inputTokens, outputTokens: OUTPUT_TOKENS };
    const may = countStartable(pace, callsInFlight.count(), need, clock.now());
    return { ...may, calls: Math.min(may.calls, callsInFlight.shareLeft(this.#lane)) };
  }

  /** Waits until a call of any lane has ended. @returns false when none is under way */
  async waitForAny(): Promise<boolean> {
    const { callsInFlight } = this.#context;
    if (callsInFlight.count() === 0) return false;
    await callsInFlight.released();
    return true;
  }

  /** Waits until one of these calls has ended. */
  async waitForOwn(): Promise<void> {
    await Promise.race(this.#calls.values());
  }

  async waitForAll(): Promise<void> {
    await Promise.all(this.#calls.values());
  }

  /**
   * Reserves calls while they are prepared: no other lane counts on them.
   * @param prepare may find that fewer are needed
   */
  async reserve<Call>(calls: number, prepare: () => Promise<Call[]>): Promise<Call[]> {
    const { callsInFlight } = this.#context;
    callsInFlight.begin(this.#lane, calls);
    let needed = 0;
    try {
      const prepared = await prepare();
      needed = prepared.length;
      return prepared;
    } finally {
      callsInFlight.end(this.#lane, calls - needed);
    }
  }

  /**
   * Begins a call that was reserved.
   * @param onEnd is called when it has ended, whatever came of it
   */
  begin(
    name: string,
    { params }: BatchRequest,
    call: () => Promise<void>,
    onEnd: () => void = () => {},
  ): void {
    // Without the prompt that all share.
    const tokens = Math.ceil(JSON.stringify(params.messages).length / 3.5);
    this.#inputTokens = Math.max(this.#inputTokens, tokens);
    const begun = call()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#calls.delete(name);
        this.#context.callsInFlight.end(this.#lane, 1);
        onEnd();
      });
    this.#calls.set(name, begun);
  }

  /** Whether Claude refuses this one request, and not the model or all that the bot sends. */
  isRefusedAlone(answer: ClaudeAnswer<ExpressAnswer>): boolean {
    if (answer.kind !== 'refused' || ![400, 413, 422].includes(answer.status)) return false;
    this.#refused += 1;
    return this.#refused <= MAX_REFUSED;
  }

  /** Claude has answered: what it refused before was at fault itself. */
  noteAnswer(): void {
    this.#refused = 0;
  }

  /** A lane that ends keeps no call: its answers are committed first. */
  async leave(): Promise<void> {
    await this.waitForAll();
    this.#context.callsInFlight.leave(this.#lane);
  }
}
