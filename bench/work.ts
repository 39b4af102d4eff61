/** Takes about 10 ms on a quiet core of the machine in README.md. */
const ROUNDS = 5_000_000;

/** A fixed amount of pure computation: no memory, no I/O, nothing for a garbage collector. */
export function work(): number {
  let state = 1;
  for (let round = 0; round < ROUNDS; round++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
