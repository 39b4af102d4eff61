import { randomUUID } from 'node:crypto';
import type { ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { HOUR_MS, SECOND_MS } from '../core/durations.ts';
import type { Log } from '../core/log.ts';
import { isAwaited } from '../core/workspaces/envelope.ts';
import type { Notice } from '../store/db/postgres/notices.ts';
import {
  answerEnvelope,
  type Envelope,
  listWaiting,
  putEnvelope,
  removeAnswers,
  removeEnvelope,
  removeExpired,
  removeOld,
  takeAnswer,
} from '../store/workspaces/inbox.ts';
import type { Sealer } from '../store/workspaces/seal.ts';
import type { ControlDb } from '../store/workspaces/tables.ts';
import type { RunningUnit, Units } from './units.ts';

/**
 * What Slack sends to a process that does not work for the workspace. It is stored, and the process that works for the
 * workspace handles it: at once, or as soon as there is one. Where nobody waits for an answer, Slack is told when it
 * is stored; a command or a click gets the answer of the other process.
 */

/** Slack gives up after three seconds. */
const ANSWERED_MS = 2_800;

/** An answer is looked for as well, in case that nothing is said of it. */
const LOOK_MS = 1_000;

/** By then Slack would have given up sending it. New messages are read from history then. */
const KEPT_MS = HOUR_MS;

/** An answer that nobody has taken by then is for a process that has died. */
const LEFT_MS = 5 * SECOND_MS;

/** What is handled in one go; others have their turn then. */
const PAGE = 100;

const answerSchema = z.union([
  // JSON leaves out a body that is undefined.
  z.object({ kind: z.literal('acknowledged'), body: z.unknown().optional() }),
  z.object({ kind: z.literal('failed') }),
]);

type Answer = z.infer<typeof answerSchema>;

interface Options {
  control: ControlDb;
  /** What people type and say is not in the database in plain text, even for a moment: it may be a key. */
  sealer: Sealer;
  clock: Clock;
  log: Log;
  units: Pick<Units, 'find'>;
  notify(notice: Notice): Promise<void>;
}

export interface Inbox {
  /** Passes an envelope on. @throws when the other process could not handle it, or did not in time */
  pass(team: string, event: ReceiverEvent): Promise<void>;
  /** An answer may have come. */
  onAnswer(id: string): void;
  /** Handles what has come for a workspace that runs here. */
  handle(team: string): Promise<void>;
  /** Removes what nobody waits for any more, and what nobody could handle. */
  tidy(): Promise<void>;
}

export function createInbox({ control, sealer, clock, log, units, notify }: Options): Inbox {
  const awaited = new Map<string, AbortController>();
  const handling = new Map<string, Promise<void>>();
  /** Workspaces for which something has come since their inbox was looked into. */
  const again = new Set<string>();
  /** Envelopes that could not be handled and are tried again. */
  const failing = new Set<string>();
  const seal = (what: unknown, id: string) => sealer.seal(JSON.stringify(what), `inbox ${id}`);
  const open = (sealed: unknown, id: string): unknown =>
    JSON.parse(sealer.open(z.string().parse(sealed), `inbox ${id}`));

  const awaitAnswer = async (id: string): Promise<Answer> => {
    const until = clock.now() + ANSWERED_MS;
    for (;;) {
      const looking = new AbortController();
      awaited.set(id, looking);
      const taken = await takeAnswer(control, id);
      if (taken) return answerSchema.parse(open(taken.answer, id));
      if (clock.now() >= until) throw new Error('no other Winnow has answered in time');
      await clock.sleep(LOOK_MS, looking.signal);
    }
  };

  /** @returns whether it is done */
  const handleOne = async (unit: RunningUnit, envelope: Envelope): Promise<boolean> => {
    const { id, expiresAt, receivedAt, content } = envelope;
    let body: unknown;
    let answer: Answer;
    try {
      const ack = async (response?: unknown) => {
        body = response;
      };
      await unit.handle({ body: open(content, id) as ReceiverEvent['body'], ack });
      answer = { kind: 'acknowledged', body };
    } catch (error) {
      if (!failing.has(id))
        log.error({ err: error, id }, 'what another Winnow has passed on could not be handled');
      if (expiresAt === null && clock.now() - receivedAt < KEPT_MS) {
        failing.add(id);
        return false;
      }
      answer = { kind: 'failed' };
    }
    if (failing.delete(id) && answer.kind === 'failed')
      log.warn({ id }, 'what another Winnow has passed on is given up');
    if (expiresAt === null) {
      if (answer.kind === 'failed') unit.missEvents();
      await removeEnvelope(control, id);
    } else {
      const isWaitedFor = await answerEnvelope(control, id, seal(answer, id), clock.now());
      if (isWaitedFor) await notify({ kind: 'answer', id });
    }
    return true;
  };

  const handleAll = async (team: string): Promise<void> => {
    const failed = new Set<string>();
    for (;;) {
      const limit = PAGE + failed.size;
      const waiting = await listWaiting(control, team, { now: clock.now(), limit });
      const next = waiting.filter(({ id }) => !failed.has(id));
      if (next.length === 0) return;
      for (const envelope of next) {
        const unit = units.find(team);
        if (!unit) return;
        if (!(await handleOne(unit, envelope))) failed.add(envelope.id);
      }
    }
  };

  const handleWhileSomeCome = async (team: string): Promise<void> => {
    try {
      // One after the other, as they came. A workspace that is stopped waits for it: otherwise its next process would
      // handle an envelope again that has not been answered yet.
      do {
        again.delete(team);
        await units.find(team)?.track(handleAll(team));
      } while (again.has(team));
    } finally {
      again.delete(team);
      handling.delete(team);
    }
  };

  return {
    async pass(team, { body, ack }) {
      const id = randomUUID();
      const receivedAt = clock.now();
      const isWaitedFor = isAwaited(body);
      const expiresAt = isWaitedFor ? receivedAt + 3 * SECOND_MS : null;
      const content = seal(body, id);
      await putEnvelope(control, { id, team, receivedAt, expiresAt, content });
      await notify({ kind: 'inbox', team });
      if (!isWaitedFor) return ack();
      try {
        const answer = await awaitAnswer(id);
        if (answer.kind === 'failed') throw new Error('another Winnow could not handle it');
        await ack(answer.body as Parameters<typeof ack>[0]);
      } finally {
        awaited.delete(id);
        await removeEnvelope(control, id);
      }
    },
    onAnswer: (id) => awaited.get(id)?.abort(),
    handle(team) {
      const running = handling.get(team);
      if (running) {
        again.add(team);
        return running;
      }
      const work = handleWhileSomeCome(team);
      handling.set(team, work);
      return work;
    },
    async tidy() {
      const now = clock.now();
      await removeExpired(control, now);
      await removeAnswers(control, now - LEFT_MS);
      // Who works for the workspace has given it up before, unless nobody does: then history is read at its start.
      await removeOld(control, now - 2 * KEPT_MS);
    },
  };
}
