import { type Simulation, simulateChannel } from './simulate.ts';

/** Simulates channels, one after another, as it is told. */

process.on('message', async (simulation: Simulation) => {
  // The bot spreads its polls at random: here, as each simulation's seed says.
  Math.random = createRandom(simulation.seed);
  process.send?.(await simulateChannel(simulation));
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');

/** Numbers from 0 up to 1 that look random (xorshift). */
function createRandom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
