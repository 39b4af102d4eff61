import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_EMOJI } from '../../../src/core/acts.ts';
import type { StillOpen } from '../../../src/core/card.ts';
import {
  composeDigest,
  type DeadMessage,
  type Digest,
  type DigestFacts,
  type ToldMessage,
} from '../../../src/core/digest.ts';
import { DEFAULT_TAXONOMY, findFlagRule } from '../../../src/core/taxonomy.ts';

/** Digests to render, and the words to fill them with. */

export const WORKSPACE = 'https://acme.slack.com/';
export const CHANNEL = 'C0FEEDBACK';
/** 2024-11-22T10:40:00Z, a Friday. */
export const START = 1_732_272_000_000;

export const around = {
  workspaceUrl: WORKSPACE,
  nameOf: (user: string) => ({ U0ANA: 'Ana Gomez', U0BOB: 'Bob <!here>' })[user],
  timeZone: 'Europe/Paris',
  emoji: DEFAULT_EMOJI,
};

export const tsOf = (n: number) => `${1_732_200_000 + n}.000100`;

/** The nth message of a digest, flagged by the rules as any verdict is. */
export function told(n: number, more: Partial<ToldMessage> = {}): ToldMessage {
  const message = {
    ts: tsOf(n),
    threadTs: null,
    author: 'U0ANA',
    authorName: null,
    text: `This is what message ${n} says.`,
    category: 'bug',
    sentiment: 'neutral' as const,
    urgency: 'low' as const,
    gist: `What message ${n} says`,
    ...more,
  };
  return { flagged: findFlagRule(DEFAULT_TAXONOMY, message) !== undefined, ...message };
}

/** A digest whose numbers are those of its messages. */
export function digestOf(messages: ToldMessage[], more: Partial<DigestFacts> = {}): Digest {
  const groups = Map.groupBy(messages, ({ category }) => category);
  const facts: DigestFacts = {
    channel: CHANNEL,
    run: 7,
    startedAt: START,
    writtenAt: START + 7 * 60_000,
    requestedBy: 'U0ANA',
    model: 'claude-haiku-5-5',
    taxonomyVersion: 3,
    total: messages.length,
    flaggedTotal: messages.filter(({ flagged }) => flagged).length,
    settledTotal: 0,
    stillOpenTotal: more.stillOpen?.length ?? 0,
    stillOpen: [],
    deadTotal: more.dead?.length ?? 0,
    againTotal: 0,
    countByCategory: new Map([...groups].map(([key, group]) => [key, group.length])),
    costUsd: 0.0031,
    messages,
    dead: [],
    themes: [],
    ...more,
  };
  return composeDigest(facts, DEFAULT_TAXONOMY);
}

export const dead = (n: number, more: Partial<DeadMessage> = {}): DeadMessage => ({
  ts: tsOf(n),
  threadTs: null,
  text: `This is what message ${n} says.`,
  reason: 'Claude declined to answer',
  ...more,
});

/** Told of by an earlier digest, so many hours before this one was written. */
export const stillOpen = (hours: number, more: Partial<StillOpen> = {}): StillOpen => ({
  ts: tsOf(-hours),
  threadTs: null,
  gist: `What was said ${hours} hours ago`,
  state: 'open',
  by: null,
  text: '',
  openedAt: START + 7 * 60_000 - hours * 3_600_000,
  ...more,
});

/** Real feedback: Mini-BAR by Jialiang Wei, MIT; see sim/feedback. */
export function readFeedback(n: number): string[] {
  const file = path.join(import.meta.dirname, '../../../sim/feedback/feedback.jsonl');
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(0, n);
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

/** What somebody might write to break out of a summary. */
export const HOSTILE = [
  '<!channel> everybody look',
  '&lt;!channel&gt; everybody look',
  'ask <@U1> or <@U0ANA|the boss> in <#C1|general>',
  '<https://evil.example/login|https://bank.example>',
  '[bank](https://evil.example) and *bold* _it_ ~s~',
  '```code``` and `ticks` and\n> a quote',
  'שלום \u202eevil\u202c مرحبا',
  '🎉🎉🎉👩🏽‍🚀🇫🇷',
  ':tada: :bug: @here @channel',
  '"}],"type":"section"} \\" \\\\',
  '<'.repeat(3000),
  'x'.repeat(40_000),
  '\u0000\ud83d \n\t ',
  '',
];
