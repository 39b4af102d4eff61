/** Waiting for a state without polling: the predicates are checked again at every change. */
export interface WaitOptions {
  /** Default 60,000. */
  timeoutMs?: number;
  /** Names the state in the error. */
  what?: string;
}

export class ChangeWatch {
  readonly #asks = new Set<() => void>();

  notify(): void {
    for (const ask of this.#asks) ask();
  }

  /** Calls the listener at every change. Returns a function that stops this. */
  listen(listener: () => void): () => void {
    // Wrapped, so that the same listener can be added twice.
    const ask = () => listener();
    this.#asks.add(ask);
    return () => void this.#asks.delete(ask);
  }

  /** Resolves with the predicate's first truthy value; rejects after `timeoutMs`. */
  async waitFor<T>(
    predicate: () => T,
    { timeoutMs = 60_000, what = 'a change' }: WaitOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#asks.delete(ask);
        settle();
      };
      const ask = () => {
        try {
          const value = predicate();
          if (value) finish(() => resolve(value));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`))),
        timeoutMs,
      );
      this.#asks.add(ask);
      ask();
    });
  }
}
