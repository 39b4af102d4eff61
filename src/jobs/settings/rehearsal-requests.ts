import type { BatchRequest } from '../../claude/outgoing.ts';
import { cacheTtl } from '../../claude/pricing.ts';
import { buildRequests, REPLIES_SHOWN } from '../../claude/prompt.ts';
import type { Taxonomy } from '../../core/runs/taxonomy.ts';
import { SAMPLE_SIZE } from '../../core/settings/rehearsal.ts';
import { readLastReplies } from '../../store/intake/replies.ts';
import { readNames } from '../../store/intake/users.ts';
import {
  beginQuestions,
  type Question,
  type Side,
} from '../../store/settings/rehearsal-verdicts.ts';
import type { Rehearsal } from '../../store/settings/rehearsals.ts';
import type { Context } from '../context.ts';
import { lookUpExamples } from '../runs/lanes/prepare.ts';
import { createPause } from '../slices.ts';

/**
 * What Claude is shown in a rehearsal: the same as in a run, but no themes, which say nothing of the
 * category.
 */

export type Taxonomies = Record<Side, Taxonomy>;

export interface Call {
  question: Question;
  request: BatchRequest;
}

/** Commits that these calls begin. @returns those that are needed still */
export function beginCalls(
  { db, settings: privacy }: Pick<Context, 'db' | 'settings'>,
  { id, model }: Rehearsal,
  taxonomies: Taxonomies,
  questions: Question[],
): Promise<Call[]> {
  return db.transaction().execute(async (tx) => {
    const begun = await beginQuestions(tx, id, questions);
    const nameOf = await readNames(tx);
    const calls: Call[] = [];
    for (const { text, ...question } of begun) {
      const { channel, ts, side } = question;
      const taxonomy = taxonomies[side];
      const examples = await lookUpExamples({ db: tx }, { channel }, [{ ts, text }], taxonomy);
      const prompt = {
        ...{ channel, ts, text, run: id, themes: [] },
        replies: await readLastReplies(tx, { channel, ts }, REPLIES_SHOWN),
        examples: examples.get(ts) ?? [],
      };
      const [request] = await buildRequests([prompt], {
        ...{ taxonomy, model, nameOf, privacy },
        // What is asked under one taxonomy shares a prompt.
        ttl: cacheTtl(SAMPLE_SIZE, 'express'),
        pause: createPause(),
      });
      if (request) calls.push({ question, request });
    }
    return calls;
  });
}
