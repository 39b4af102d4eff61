import { z } from 'zod';
import { ask } from '../../src/claude/batches.ts';
import type { Messages, OutgoingParams } from '../../src/claude/outgoing.ts';
import { costOf } from '../../src/claude/pricing.ts';
import { readAnswer } from '../../src/core/runs/verdict.ts';
import type { Answers, Judge } from '../ask/answers.ts';
import { type Asking, keep, waitAfter } from '../ask/asking.ts';
import { keyOf } from '../ask/question.ts';

/**
 * A client for the bot's own code: it answers from the file where it can, and otherwise asks Claude and
 * keeps the answer.
 */
export interface KeptMessages extends Messages {
  /** Answers that were asked for now, and that were known. */
  readonly asked: number;
  readonly kept: number;
  /** Answers that nobody was asked for. */
  readonly missing: number;
  /** What was billed now; null: the price of the model is not known. */
  readonly usdNow: number | null;
  /** @throws whatever went wrong while the bot's code went on without an answer */
  check(): void;
}

/** What the bot takes for no answer. */
const NONE = null;

const keptSchema = z.looseObject({ message: z.unknown() });

/** @param asking null: nobody is asked */
export function keepMessages(
  { answers, judge }: { answers: Answers; judge: Judge },
  asking: Asking | null,
): KeptMessages {
  const state = { asked: 0, kept: 0, missing: 0, nanoUsd: 0 as number | null };
  const times = new Map<string, number>();
  let failure: { cause: unknown } | undefined;

  async function create(body: OutgoingParams, options?: object): Promise<unknown> {
    const key = nameRequest(body, times);
    const known = answers.find(key, 'express', judge);
    if (known) {
      state.kept++;
      return keptSchema.safeParse(known.result).data?.message;
    }
    if (asking === null || failure) {
      state.missing++;
      return NONE;
    }
    try {
      const began = asking.clock.now();
      const message = await askUntilAnswered(asking, body, options);
      keep(asking, 'express', { key }, { type: 'succeeded', message }, asking.clock.now() - began);
      state.asked++;
      const { usage } = readAnswer(message);
      const cost = usage ? costOf(body.model, usage, 'standard').nanoUsd : 0;
      state.nanoUsd = state.nanoUsd === null || cost === null ? null : state.nanoUsd + cost;
      return message;
    } catch (cause) {
      failure = { cause };
      return NONE;
    }
  }

  return {
    messages: { create },
    get asked() {
      return state.asked;
    },
    get kept() {
      return state.kept;
    },
    get missing() {
      return state.missing;
    },
    get usdNow() {
      return state.nanoUsd === null ? null : state.nanoUsd / 1e9;
    },
    check() {
      if (failure) throw failure.cause;
    },
  };
}

/** A question that the bot asks again after a useless answer is another one. */
function nameRequest(body: OutgoingParams, times: Map<string, number>): string {
  const key = keyOf(body);
  const before = times.get(key) ?? 0;
  times.set(key, before + 1);
  return before === 0 ? key : `${key}-${before + 1}`;
}

/** @throws PlainError when trying again would not help */
async function askUntilAnswered(
  { claude, clock, answers }: Asking,
  body: OutgoingParams,
  options: object | undefined,
): Promise<unknown> {
  for (let failures = 1; ; failures++) {
    const answer = await ask(async () => claude.messages.create(body, options));
    if (answer.kind === 'ok') return answer.value;
    await clock.sleep(waitAfter(answer, failures, answers));
  }
}
