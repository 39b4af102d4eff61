/** Tracks work that must end before the process does; Bolt does not wait for it. */
export class InFlight {
  readonly #work = new Set<Promise<unknown>>();

  track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const forget = () => this.#work.delete(work);
    work.then(forget, forget);
    return work;
  }

  async drained(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }
}
