import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startConsole } from './console.ts';
import { playFeedback, startStandIns } from './stand-ins.ts';

/** `npm run sim`: both stand-ins as a separate process, with a terminal to act as a person. */

const { values } = parseArgs({
  options: {
    'slack-port': { type: 'string', default: '4010' },
    'claude-port': { type: 'string', default: '4020' },
    'rate-scale': { type: 'string', default: '60' },
    'batch-ms': { type: 'string', default: '3000' },
    play: { type: 'string', default: '0' },
  },
});

const standIns = await startStandIns({
  slackPort: Number(values['slack-port']),
  claudePort: Number(values['claude-port']),
  rateScale: Number(values['rate-scale']),
  batchMs: Number(values['batch-ms']),
});
const { slack, claude, channel, people } = standIns;
// The workspace is a new one each time: the bot refuses the database of another.
const folder = await mkdtemp(path.join(tmpdir(), 'winnow-sim-'));
const environment = {
  ...standIns.environment,
  DATABASE_URL: `sqlite:${path.join(folder, 'winnow.db')}`,
};

console.log(`# A simulated Slack workspace and a stand-in for Claude whose answers come from simple keyword
# rules. Put these lines into another terminal, then run: npm start
${Object.entries(environment)
  .map(([name, value]) => `export ${name}=${value}`)
  .join('\n')}

# Here, type a message to post it in #feedback, or a command such as /classify-feedback.
# Other programs drive it over HTTP, for instance:
#   curl ${slack.url}/sim/state
#   curl ${slack.url}/sim/post -d '{"channel":"${channel}","user":"${people[0]}","text":"The export fails"}'
#   curl ${slack.url}/sim/command -d '{"command":"/classify-feedback","channel":"${channel}","user":"${people[0]}"}'
#   curl ${claude.url}/sim/state
#   curl ${claude.url}/sim/latency -d '{"message":{"p50Ms":900,"p90Ms":2500},"batch":{"p50Ms":60000,"p90Ms":300000}}'`);

const play = Number(values.play);
if (play > 0) {
  console.log(
    `# Waiting for a bot to connect; then ${play} messages of the sample feedback are posted.`,
  );
  await slack.waitFor(() => slack.sockets.count() > 0, { timeoutMs: 2 ** 31 - 1 });
  playFeedback(standIns, play);
}

const terminal = startConsole(standIns);
const stop = async () => {
  terminal.close();
  await standIns.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
