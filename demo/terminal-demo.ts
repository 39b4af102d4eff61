import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { styleText } from 'node:util';
import { progress } from '@clack/prompts';
import { startConsole } from '../sim/console.ts';
import { playFeedback, type StandIns, startStandIns } from '../sim/stand-ins.ts';
import { renderEmoji, renderForTerminal } from '../sim/terminal.ts';
import { startBot } from './bot-process.ts';
import { type Lane, readLane, settingsOf } from './lane.ts';
import { playPeople } from './people.ts';
import { type CardTally, readLists, tally, tallyCards } from './tally.ts';

/**
 * The demo in a terminal: the real bot between the two stand-ins, with a fresh database and sample
 * feedback. Both Slack's limits and the bot's pace and polling are sped up, so that it takes seconds.
 * With `people`, two people act on flagged messages.
 */

const RATE_SCALE = 60;
const BATCH_MS = 2000;
const COMMAND = '/classify-feedback';

/** Anything that takes longer is stuck. */
const PATIENCE_MS = 300_000;

export interface TerminalOptions {
  /** How many messages are posted. */
  total: number;
  /** Ends after the summary. */
  once: boolean;
  /** Prints only the counts from the workspace. */
  json: boolean;
  people: boolean;
  /** How the bot asks Claude; undefined: as it does by default. */
  lane?: Lane | undefined;
}

export async function playInTerminal(options: TerminalOptions): Promise<void> {
  const standIns = await startStandIns({ rateScale: RATE_SCALE, batchMs: BATCH_MS });
  const folder = await mkdtemp(path.join(tmpdir(), 'winnow-demo-'));
  const database = path.join(folder, 'winnow.db');
  const bot = startBot({
    ...standIns.environment,
    ...settingsOf(options.lane),
    DATABASE_URL: `sqlite:${database}`,
  });
  const end = async (code: number) => {
    await bot.stop();
    await standIns.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit(code);
  };
  process.once('SIGINT', () => end(130));
  process.once('SIGTERM', () => end(143));
  const say: Say = options.json ? () => {} : (line) => console.log(line);

  try {
    await bot.ready;
    say(
      styleText(
        'dim',
        'A simulated Slack workspace. No model answers here: the verdicts on the sample messages are recorded.\n',
      ),
    );
    const firstReactionS = await run(standIns, options, say);
    if (options.json) {
      const { slack, channel } = standIns;
      const people = options.people ? tallyCards(slack, channel) : {};
      const timing = { lane: readLane(database), firstReactionS };
      console.log(JSON.stringify({ ...tally(slack, channel), ...timing, ...people }));
    }
    if (options.once) await end(0);
  } catch (error) {
    console.error(error);
    await end(1);
  }

  say(
    `\nThe bot keeps running. Type a message to post it, or ${COMMAND}; Ctrl-C stops everything.`,
  );
  startConsole(standIns);
}

type Say = (line: string) => void;

/** @returns seconds from the command to the bot's first reaction; null when there was none */
async function run(standIns: StandIns, options: TerminalOptions, say: Say): Promise<number | null> {
  const { slack, channel, names } = standIns;
  const { total } = options;
  const timeoutMs = PATIENCE_MS;
  say(`Posting ${total} messages in ${names.get(channel)} …`);
  playFeedback(standIns, total);
  // Events from before the bot connected are retried after a minute; there is no need to wait.
  await slack.idle({ ignoreRetries: true });
  const typedAt = Date.now();
  await typeCommand(standIns, say);
  if (total === 0) return null;

  const bar = showProgress(options);
  const isDone = () => {
    const { collected, classified, dead, digests } = tally(slack, channel);
    bar.show(classified, digests > 0);
    const listed = readLists(slack, channel).reduce((sum, list) => sum + list.listed.size, 0);
    return digests > 0 && Math.min(collected, classified + dead, listed) >= total;
  };
  await slack.waitFor(isDone, { timeoutMs, what: 'the summary and all reactions' });
  bar.end();
  const reacted = slack.calls.find(({ method, ok }) => method === 'reactions.add' && ok);
  if (options.people) {
    say(`\n${styleText('bold', 'Two people act on flagged messages')}`);
    await playPeople(standIns, { say, warn: console.error, timeoutMs });
  }
  showThread(standIns, options, say);

  await typeCommand(standIns, say);
  say(styleText('dim', `\n${describe(tally(slack, channel))}`));
  if (options.people) say(styleText('dim', describeCards(tallyCards(slack, channel))));
  if (slack.rateLimited > 0)
    say(`Slack answered 429 (too many requests) ${slack.rateLimited} times.`);
  return reacted ? (reacted.at - typedAt) / 1000 : null;
}

async function typeCommand({ slack, channel, people, names }: StandIns, say: Say): Promise<void> {
  const [user] = people;
  say(`\n${styleText('bold', `${names.get(user)} types ${COMMAND}`)}`);
  const answer = await slack.command({ command: COMMAND, text: '', user, channel });
  if (!answer.acked) throw new Error(`The command did not work: ${answer.error}`);
  const whisper = slack.ephemerals(user).at(-1);
  if (whisper) say(renderForTerminal(names, whisper, '  (only she sees this) '));
}

function showProgress({ json, total }: TerminalOptions) {
  if (json || !process.stdout.isTTY) return { show() {}, end() {} };
  const bar = progress({ max: total });
  bar.start('Claude is working');
  let shown = 0;
  return {
    show(done: number, summed: boolean) {
      if (done <= shown) return;
      bar.advance(done - shown, `${summed ? 'Summed up; ' : ''}${done} of ${total} classified`);
      shown = done;
    },
    end() {
      bar.stop('Every message is classified');
    },
  };
}

function showThread({ slack, channel, names }: StandIns, options: TerminalOptions, say: Say): void {
  for (const parent of slack.messages(channel).filter(({ metadata }) => metadata && true)) {
    if (parent.thread_ts && parent.thread_ts !== parent.ts) continue;
    say('');
    for (const post of slack.thread(channel, parent.ts)) {
      const indent = post.ts === parent.ts ? '' : '    ';
      say(renderForTerminal(names, post, indent));
      for (const { name, users } of post.reactions) {
        const by = users.map((user) => names.get(user) ?? user).join(', ');
        say(`${indent}${renderEmoji(name)} ${styleText('dim', by)}`);
      }
      say('');
    }
  }
  const example = slack
    .messages(channel)
    .filter(({ reactions, metadata }) => reactions.length > 0 && !metadata);
  // Messages that people acted on have more.
  if (options.people) example.sort((one, other) => other.reactions.length - one.reactions.length);
  say(styleText('bold', 'In the channel, every message has a reaction:'));
  for (const { text, reactions } of example.slice(0, 5)) {
    const line = text.replace(/\s+/g, ' ').slice(0, 90);
    say(`    ${line}  ${reactions.map(({ name }) => renderEmoji(name)).join('  ')}`);
  }
}

function describe({
  collected,
  classified,
  reactions,
  digests,
  replies,
  flagged,
  dead,
  costUsd,
}: ReturnType<typeof tally>) {
  return `Counted in the workspace: ${collected} collected, ${classified} classified, ${reactions} reactions, ${digests} summary with ${replies} replies, ${flagged} flagged, ${dead} dead, ${costUsd === null ? 'cost unknown' : `$${costUsd.toFixed(4)}`}.`;
}

function describeCards({ claimed, resolved, dismissed, corrected, undone }: CardTally) {
  return `On the cards: ${claimed} claimed, ${resolved} resolved, ${dismissed} dismissed, ${corrected} corrected, ${undone} with something taken back.`;
}
