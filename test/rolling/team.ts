import { setTimeout as pause } from 'node:timers/promises';
import type { SlackSim } from '../../sim/slack/slack-sim.ts';
import type { Interaction, SimMessage } from '../../sim/slack/types.ts';
import { type ActKind, DEFAULT_EMOJI, type FlagState } from '../../src/core/people/acts.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { stateBlock } from '../../src/slack/blocks/people/card.ts';

/**
 * People who write feedback, type commands and act on cards all the time, whether a bot is there or not. A
 * person whose command or button came to nothing does it again a moment later, as Slack tells them to.
 */

/** What was done, to compare with what Slack and the database show in the end. */
export interface Ledger {
  posted: Map<string, Posted>;
  /** What each person did to a message; each has its effect once. */
  acts: { ts: string; user: string; kind: ActKind }[];
  /** The state that each message with acts ends in. */
  states: Map<string, FlagState>;
  answers: Answered[];
  /** Summaries for one person that the bot has promised; what came too late was asked for again. */
  summaries: { promised: number; asked: number };
}

interface Posted {
  text: string;
  fate: 'stays' | 'edited' | 'deleted';
}

interface Answered {
  what: string;
  /** From the first try until the answer is there. */
  ms: number;
  tries: number;
}

export interface Team {
  ledger: Ledger;
  /** Types a command until the bot answers. @returns how often */
  type(text: string): Promise<number>;
  /** Lets people finish what they have begun. */
  stop(): Promise<void>;
}

export interface Workplace {
  slack: SlackSim;
  channel: string;
  ana: string;
  ben: string;
  /** Asks for summaries that only she sees. */
  cleo: string;
}

const BETWEEN_MESSAGES_MS = 120;
const BETWEEN_COMMANDS_MS = 200;
/** A person reads what Slack says before they try again. */
const AGAIN_MS = 250;
const CHANGED_AFTER_MS = 300;
const PATIENCE_MS = 180_000;

/** What the n-th message says, what becomes of it, and what it says after an edit. */
const KINDS: { text: string; fate: Posted['fate']; edit?: string }[] = [
  { text: 'Urgent: the app crashes on every login and I lost all my data', fate: 'stays' },
  { text: 'Please add a dark mode', fate: 'stays' },
  { text: 'I love the new dashboard, great work', fate: 'stays' },
  { text: 'How do I invite a colleague?', fate: 'edited', edit: 'Wonderful release, thank you!' },
  { text: 'The settings are confusing and hard to find', fate: 'stays' },
  { text: 'The export fails with an error', fate: 'deleted' },
  { text: 'test test', fate: 'stays' },
];

const COMMANDS = ['status', '', 'help', 'summary today', 'search crash', ''];

export function startTeam(place: Workplace): Team {
  const { slack, channel, ana, ben } = place;
  const ledger: Ledger = {
    posted: new Map(),
    acts: [],
    states: new Map(),
    answers: [],
    summaries: { promised: 0, asked: 0 },
  };
  const leaving = new AbortController();
  const isOpen = () => !leaving.signal.aborted;

  /** @param isDone what came to nothing may have had its effect all the same */
  const insist = async (
    what: string,
    act: () => Promise<Interaction>,
    isDone: () => boolean = () => false,
  ): Promise<number> => {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      if (isDone() || (await act()).acked) {
        ledger.answers.push({ what, ms: performance.now() - began, tries });
        return tries;
      }
      await pause(AGAIN_MS);
    }
  };
  const type = (text: string, user = ana) =>
    insist(`/classify-feedback ${text}`, () =>
      slack.command({ command: '/classify-feedback', text, user, channel }),
    );

  const writeFeedback = async () => {
    for (let n = 0; isOpen(); n++) {
      const { text, fate, edit } = KINDS[n % KINDS.length] as (typeof KINDS)[number];
      const user = n % 2 === 0 ? ana : ben;
      const ts = slack.post({ channel, user, text: `${text} (No. ${n})` });
      ledger.posted.set(ts, { text: `${edit ?? text} (No. ${n})`, fate });
      if (fate !== 'stays') later.add(change(ts));
      await pause(BETWEEN_MESSAGES_MS);
    }
  };
  const change = async (ts: string) => {
    await pause(CHANGED_AFTER_MS);
    const posted = ledger.posted.get(ts);
    if (posted?.fate === 'deleted') slack.delete({ channel, ts });
    else if (posted) slack.edit({ channel, ts, text: posted.text });
  };
  const typeCommands = async () => {
    for (let n = 0; isOpen(); n++) {
      const text = COMMANDS[n % COMMANDS.length] ?? '';
      if (text.startsWith('summary')) await askForSummary(text);
      else await type(text);
      await pause(BETWEEN_COMMANDS_MS);
    }
  };
  const askForSummary = async (text: string) => {
    const began = performance.now();
    const before = listSummaries(place).length;
    ledger.summaries.asked += await type(text, place.cleo);
    ledger.summaries.promised++;
    const what = 'a summary for one person';
    const isThere = () => listSummaries(place).length > before;
    await slack.waitFor(isThere, { timeoutMs: PATIENCE_MS, what });
    ledger.answers.push({ what, ms: performance.now() - began, tries: 1 });
  };

  const actOnCards = async () => {
    const seen = new Set<string>();
    while (isOpen()) {
      for (const card of listCards(place)) {
        const ts = messageOf(card);
        if (seen.has(ts)) continue;
        later.add(actOn(ts, seen.size));
        seen.add(ts);
      }
      await pause(BETWEEN_MESSAGES_MS);
    }
  };
  const shows = async (ts: string, state: FlagState) => {
    const began = performance.now();
    const what = `${state} on the card of ${ts}`;
    await slack.waitFor(() => stateOf(place, ts) === stateBlock(state), {
      timeoutMs: PATIENCE_MS,
      what,
    });
    ledger.states.set(ts, state);
    ledger.answers.push({ what: 'a card that follows', ms: performance.now() - began, tries: 1 });
  };
  const press = async (ts: string, kind: 'claim' | 'resolve', state: FlagState) => {
    ledger.acts.push({ ts, user: ana, kind });
    const on = { user: ana, channel, ts: findCard(place, ts)?.ts ?? '', actionId: ACTIONS[kind] };
    const isDone = () => stateOf(place, ts) === stateBlock(state);
    await insist(`the button ${kind}`, () => slack.click(on), isDone);
    await shows(ts, state);
  };
  const react = async (ts: string, at: string, kind: 'claim' | 'dismiss', state: FlagState) => {
    ledger.acts.push({ ts, user: ben, kind });
    slack.react({ channel, ts: at, user: ben, name: DEFAULT_EMOJI[kind] });
    await shows(ts, state);
  };
  const actOn = async (ts: string, n: number) => {
    switch (n % 4) {
      case 0:
        await press(ts, 'claim', 'claimed');
        return press(ts, 'resolve', 'resolved');
      case 1:
        return react(ts, findCard(place, ts)?.ts ?? '', 'claim', 'claimed');
      case 2:
        return react(ts, ts, 'dismiss', 'dismissed');
      default:
        await react(ts, ts, 'claim', 'claimed');
        ledger.acts.push({ ts, user: ben, kind: 'undo' });
        slack.unreact({ channel, ts, user: ben, name: DEFAULT_EMOJI.claim });
        return shows(ts, 'open');
    }
  };

  /** What goes on beside the loops. */
  const later = new Set<Promise<void>>();
  const loops = Promise.all([writeFeedback(), typeCommands(), actOnCards()]);
  return {
    ledger,
    type,
    async stop() {
      leaving.abort();
      await loops;
      await Promise.all(later);
    },
  };
}

export const listCards = ({ slack, channel }: Workplace): SimMessage[] =>
  slack.messages(channel).filter(({ metadata }) => metadata?.event_type === 'winnow_card');

/** The message that a card is about. */
export const messageOf = ({ metadata }: SimMessage): string =>
  String((metadata?.event_payload as { ts?: unknown } | undefined)?.ts);

const findCard = (place: Workplace, ts: string): SimMessage | undefined =>
  listCards(place).find((card) => messageOf(card) === ts);

/** The id of the block that says how a message stands. */
export const stateOf = (place: Workplace, ts: string): unknown =>
  findCard(place, ts)?.blocks?.find(({ block_id }) => String(block_id).startsWith('state-'))
    ?.block_id;

/** The summaries that one person was shown; what is said at once only announces them. */
export const listSummaries = ({ slack, cleo }: Workplace) =>
  slack.ephemerals(cleo).filter(({ text }) => !text.startsWith('Summing up'));
