import { inspect } from 'node:util';
import { z } from 'zod';
import type { Hosted } from '../../core/settings/hosted.ts';
import type { Context } from '../../jobs/context.ts';
import { checkInTime, findKeyProblem, inTime, learnRole } from '../../jobs/people/permissions.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { priceUsual } from '../../jobs/runs/price.ts';
import { KEY } from '../../slack/blocks/actions.ts';
import { beginWithOperator } from '../../slack/blocks/operator.ts';
import {
  describeKeySetters,
  KEY_ANSWERS,
  KEY_PROBLEMS,
  KEY_REFUSALS,
  renderKey,
  renderKeyWords,
} from '../../slack/blocks/settings/key.ts';
import { refuse, update, type ViewAnswer } from './settings.ts';

/**
 * The modal of a hosted bot's API key. Who may is asked again when it is submitted, because the modal may stay
 * open for long. The key goes from the submission to `setKey` and nowhere else.
 */

/** Slack waits three seconds for an answer to a submission. */
const ANSWER_MS = 2_400;

/** What goes into a header and is meant for Anthropic: nothing else is sent to it. */
const KEY_FORM = /^sk-ant-[\w-]+$/;

const COSTED_MESSAGES = 1_000;

/** @returns the modal, or one that says why there is nothing to set */
export async function drawKey(context: Context, user: string): Promise<object> {
  const allowed = await findSetter(context, user);
  return 'refusal' in allowed
    ? renderKeyWords(allowed.refusal)
    : drawForm(context, allowed.hosted.key === 'own');
}

const drawForm = ({ settings }: Context, isSet: boolean, notice?: string) =>
  renderKey({
    isSet,
    thousandUsd: priceUsual(settings, COSTED_MESSAGES),
    model: settings.model,
    ...(notice && { notice }),
  });

type Allowed = { hosted: Hosted } | { refusal: string; later: boolean };

async function findSetter(context: Context, user: string): Promise<Allowed> {
  const { hosted } = context;
  if (hosted === null || hosted.key === 'shared') {
    return { refusal: `${beginWithOperator(hosted)} sets the Anthropic API key.`, later: false };
  }
  const denial = await checkInTime(context, user, async () => {
    const problem = await findKeyProblem(context, user);
    // Their name is shown.
    if (problem === 'no_admin') await learnRole(context, hosted.installedBy);
    return problem;
  });
  if (denial === undefined) return { hosted };
  const refusal =
    denial === 'no_admin'
      ? describeKeySetters(hosted, await readRenderContext(context, context.db))
      : KEY_REFUSALS[denial];
  return { refusal, later: denial === 'later' };
}

const bodySchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: z.looseObject({
    state: z.looseObject({
      values: z.looseObject({
        [KEY.block]: z.looseObject({
          [KEY.input]: z.looseObject({ value: z.string().nullable() }),
        }),
      }),
    }),
  }),
});

/** Shows words beside the input. */
export const refuseKey = (words: string) => refuse({ [KEY.block]: words });

/**
 * *Set the key*.
 * @param failed logs a failure, and words it for the person
 * @returns `finish`, when Anthropic takes too long for Slack: what the modal shows in the end
 */
export async function onKeySubmitted(
  context: Context,
  body: unknown,
  failed: (error: unknown) => string,
): Promise<ViewAnswer & { finish?: Promise<object> }> {
  const begun = context.clock.now();
  const { user, view } = bodySchema.parse(body);
  const allowed = await findSetter(context, user.id);
  if ('refusal' in allowed) {
    return allowed.later ? refuseKey(allowed.refusal) : update(renderKeyWords(allowed.refusal));
  }
  const key = (view.state.values[KEY.block][KEY.input].value ?? '').trim();
  if (!KEY_FORM.test(key)) return refuseKey(KEY_PROBLEMS.form);
  const { hosted } = allowed;
  const trying = tryKey(hosted, key, failed);
  const left = ANSWER_MS - (context.clock.now() - begun);
  const tried = await inTime(context, left, trying, 'late' as const);
  if (tried === 'late') {
    const finish = trying.then((problem) =>
      problem === undefined
        ? renderKeyWords(KEY_ANSWERS.set)
        : drawForm(context, hosted.key === 'own', problem),
    );
    return { ...update(renderKeyWords(KEY_ANSWERS.checking)), finish };
  }
  return tried === undefined ? update(renderKeyWords(KEY_ANSWERS.set)) : refuseKey(tried);
}

/** @returns why it is not set; undefined when it is */
async function tryKey(
  hosted: Hosted,
  key: string,
  failed: (error: unknown) => string,
): Promise<string | undefined> {
  try {
    const answer = await hosted.setKey(key);
    return answer.kind === 'ok' ? undefined : KEY_PROBLEMS[answer.kind](answer.reason);
  } catch (error) {
    return failed(conceal(error, key));
  }
}

/** An error may quote what it failed with. */
const conceal = (error: unknown, key: string): unknown =>
  inspect(error, { depth: null }).includes(key)
    ? new Error('setting the key failed; the error names the key, and so is not logged')
    : error;

/** *Remove the key*. @returns what the modal shows next */
export async function onKeyRemoved(context: Context, user: string): Promise<object> {
  const allowed = await findSetter(context, user);
  if ('refusal' in allowed) return renderKeyWords(allowed.refusal);
  const answer = await allowed.hosted.setKey(null);
  return renderKeyWords(
    answer.kind === 'ok' ? KEY_ANSWERS.removed : KEY_PROBLEMS[answer.kind](answer.reason),
  );
}
