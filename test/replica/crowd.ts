import { expect } from 'vitest';
import type { Interaction, SimMessage } from '../../sim/slack/types.ts';
import { ACTIONS } from '../../src/slack/blocks/actions.ts';
import { stateBlock } from '../../src/slack/blocks/people/card.ts';
import { keysOf } from '../process/bot.ts';
import type { ProcessStage } from './processes.ts';
import { type Tenant, until } from './stage.ts';

/** People in many workspaces who post, type commands and press buttons for as long as they are told to. */

export interface Crowd {
  /** What Slack told people about commands and buttons that were not answered. */
  unanswered: { what: string; error: string; ms: number }[];
  answered: { what: string; ms: number }[];
  /** Waits until each of them has done everything so many times more. */
  goOn(rounds: number): Promise<void>;
  /** Lets them end what they have begun, and compares what there is with what they did. */
  stop(): Promise<void>;
}

/** What somebody types between two messages. */
const COMMANDS = ['status', 'help', '', 'search crash', 'status'];

/** What people did in a workspace. */
interface Deeds {
  posted: number;
  rounds: number;
  /** The messages whose card they claim, and how often they have pressed for that. */
  claimed: Set<string>;
  presses: number;
}

export function gatherCrowd(stage: ProcessStage, tenants: readonly Tenant[]): Crowd {
  const unanswered: Crowd['unanswered'] = [];
  const answered: Crowd['answered'] = [];
  const deeds = new Map<Tenant, Deeds>();
  let isOver = false;

  /** Whoever gets no answer tries again, as Slack tells them to, unless it was done all the same. @returns how often */
  const insist = async (
    what: string,
    act: () => Promise<Interaction>,
    isDone = () => false,
  ): Promise<number> => {
    for (let tries = 1; ; tries++) {
      const began = performance.now();
      const answer = await act();
      const ms = performance.now() - began;
      if (answer.acked) answered.push({ what, ms });
      else unanswered.push({ what, error: answer.error, ms });
      if (answer.acked || isDone()) return tries;
    }
  };
  const person = async (tenant: Tenant) => {
    const { slack, user, channel } = tenant;
    const own: Deeds = { posted: 0, rounds: 0, claimed: new Set(), presses: 0 };
    deeds.set(tenant, own);
    for (; !isOver; own.rounds++) {
      post(tenant, own);
      for (const text of COMMANDS) {
        const command = { command: '/classify-feedback', text, user, channel };
        await insist(`command ${text}`, () => slack.command(command));
      }
      const card = listCards(tenant).find((each) => !isClaimed(each));
      if (!card || own.claimed.has(messageOf(card))) continue;
      own.claimed.add(messageOf(card));
      const click = { user, channel, ts: card.ts, actionId: ACTIONS.claim };
      const isDone = () => listCards(tenant).some((each) => each.ts === card.ts && isClaimed(each));
      own.presses += await insist('a button', () => slack.click(click), isDone);
    }
  };
  const people = Promise.all(tenants.map(person));
  return {
    ...{ unanswered, answered },
    async goOn(rounds) {
      const aims = new Map([...deeds].map(([tenant, own]) => [tenant, own.rounds + rounds]));
      const isLate = ([tenant, own]: [Tenant, Deeds]) => own.rounds < (aims.get(tenant) ?? 0);
      await until(() => [...deeds].filter(isLate).length).toBe(0);
    },
    async stop() {
      isOver = true;
      await people;
      await stage.cloud.idle();
      expect(stage.cloud.lostEvents).toEqual([]);
      await Promise.all([...deeds].map(([tenant, own]) => compare(stage, tenant, own)));
    },
  };
}

function post(tenant: Tenant, own: Deeds) {
  own.posted += 1;
  tenant.post(`Urgent: it crashes and I lost my data (No. ${own.posted})`);
}

const listCards = (tenant: Tenant): SimMessage[] =>
  tenant.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_card');

/** The message that a card is about. */
const messageOf = ({ metadata }: SimMessage): string =>
  String((metadata?.event_payload as { ts?: unknown } | undefined)?.ts);

const isClaimed = ({ blocks }: SimMessage): boolean =>
  blocks?.some(({ block_id }) => block_id === stateBlock('claimed')) ?? false;

/** What was posted is stored, judged and shown once, and whoever pressed a button has claimed the message once. */
async function compare(stage: ProcessStage, tenant: Tenant, own: Deeds): Promise<void> {
  const { teamId } = tenant.slack;
  const stored = `select count(*)::int as stored from messages where team = '${teamId}'`;
  await until(() => stage.query(stored)).toEqual([{ stored: own.posted }]);
  await until(async () => {
    // A run that goes on takes no more messages.
    await tenant.type();
    return tenant.reacted().length;
  }).toBe(own.posted);
  await until(() => listCards(tenant).filter(isClaimed).map(messageOf).toSorted()).toEqual(
    [...own.claimed].toSorted(),
  );
  const [acts] = await stage.query<{ taken: number; claimed: number }>(
    `select count(*)::int as taken, count(distinct ts)::int as claimed from acts
      where team = '${teamId}' and kind = 'claim' and state = 'taken'`,
  );
  expect(acts?.claimed).toBe(own.claimed.size);
  // Somebody who got no answer may have pressed twice.
  expect(acts?.taken).toBeLessThanOrEqual(own.presses);
  expectNoneTwice(tenant);
}

export function expectNoneTwice(tenant: Tenant): void {
  const keys = keysOf(tenant.posts().filter(({ metadata }) => metadata));
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
}
