import { startClaudeSim } from '../sim/claude/claude-sim.ts';

/** The Claude stand-in as a process of its own, so that its work is not measured as the bot's. */
const sim = await startClaudeSim({ batchMs: 0, requestsPerMinute: 1_000_000 });
process.send?.({ url: sim.url, apiKey: sim.apiKey });
process.once('disconnect', () => process.exit(0));
