// Waiting for a condition without polling: every change calls `notify`, and the predicates are checked
// again once per turn of the event loop.

export interface WaitOptions {
  /** Default 60,000. */
  timeoutMs?: number;
  /** Names the condition in the error. */
  what?: string;
}

export interface Changes {
  notify(): void;
  waitFor<T>(predicate: () => T | undefined | false, options?: WaitOptions): Promise<T>;
}

export function createChanges(describe: () => string): Changes {
  const waiters = new Set<() => void>();
  let scheduled = false;
  const notify = () => {
    if (scheduled || waiters.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const check of [...waiters]) check();
    });
  };
  return {
    notify,
    waitFor<T>(predicate: () => T | undefined | false, options: WaitOptions = {}): Promise<T> {
      const { timeoutMs = 60_000, what = predicate.toString() } = options;
      return new Promise<T>((resolve, reject) => {
        const stop = () => {
          waiters.delete(check);
          clearTimeout(timer);
        };
        const check = () => {
          try {
            const value = predicate();
            if (value === undefined || value === false) return;
            stop();
            resolve(value);
          } catch (error) {
            stop();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`Waited ${timeoutMs} ms in vain for: ${what}\n${describe()}`));
        }, timeoutMs);
        waiters.add(check);
        check();
      });
    },
  };
}
