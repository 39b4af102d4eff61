import { startClaudeSim } from '../sim/claude/claude-sim.ts';

/** The Claude stand-in as a separate process, so that its work does not count as the bot's. */
const sim = await startClaudeSim({ batchMs: 0, requestsPerMinute: 1_000_000 });
process.send?.({ url: sim.url, apiKey: sim.apiKey });
process.once('disconnect', () => process.exit(0));
