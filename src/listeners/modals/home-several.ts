import { z } from 'zod';
import { type Choice, type ChosenMessage, parseChoice } from '../../core/home/several.ts';
import { toReason } from '../../core/people/dismissal.ts';
import { DENIALS } from '../../core/people/permission.ts';
import type { Context } from '../../jobs/context.ts';
import { askSeveral, readChosen, readOffered, readOutcome } from '../../jobs/home/several.ts';
import { checkInTime, findRoleProblem } from '../../jobs/people/permissions.ts';
import { REFUSALS, takeActs } from '../../jobs/people/take-acts.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { parseTarget } from '../../slack/blocks/actions.ts';
import {
  renderConfirmation,
  renderDismissing,
  renderDone,
  renderOutcome,
  renderSeveral,
  SEVERAL,
} from '../../slack/blocks/home/several.ts';

/** The modals that dismiss several messages. */

/** @returns why the person may not act, in words */
export async function findSeveralProblem(
  context: Context,
  user: string,
): Promise<string | undefined> {
  const denied = await checkInTime(context, user, () => findRoleProblem(context, user));
  return denied && DENIALS[denied];
}

/** The choice among what the person's filters show. @param chosen what is checked */
export async function drawSeveral(
  context: Context,
  user: string,
  chosen: 'all' | ChosenMessage[],
): Promise<object> {
  const offered = await readOffered(context, user);
  return renderSeveral(
    offered,
    {
      chosen: chosen === 'all' ? offered.cards : chosen,
      stamp: context.clock.now().toString(36),
    },
    context.settings.taxonomy,
    await readRenderContext(context, context.db),
  );
}

const viewSchema = z.looseObject({
  private_metadata: z.string(),
  blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string() })),
  state: z.looseObject({
    values: z.record(
      z.string(),
      z.record(
        z.string(),
        z.looseObject({
          selected_options: z.array(z.looseObject({ value: z.string() })).optional(),
          selected_option: z.looseObject({ value: z.string() }).nullish(),
        }),
      ),
    ),
  }),
});
const bodySchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: viewSchema,
});
const seenSchema = z.looseObject({ seen: z.number().int().min(0) });

/** *Next*: says how many will be dismissed. */
export async function onSeveralChosen(context: Context, body: unknown): Promise<object> {
  const { user, view } = bodySchema.parse(body);
  const chosen = readChecked(view);
  const [first] = view.blocks.filter(({ type }) => type === 'input');
  const problem =
    (await findSeveralProblem(context, user.id)) ??
    (chosen.length === 0 ? 'Select at least one message.' : undefined);
  if (problem) return { response_action: 'errors', errors: { [first?.block_id ?? '']: problem } };
  const { seen } = seenSchema.parse(JSON.parse(view.private_metadata));
  const renderContext = await readRenderContext(context, context.db);
  const cards = await readChosen(context, user.id, chosen);
  return {
    response_action: 'update',
    view:
      cards.length === 0
        ? renderDone(DENIALS.outside)
        : renderConfirmation(seen, cards, renderContext),
  };
}

function readChecked({ state }: z.infer<typeof viewSchema>): ChosenMessage[] {
  const options = Object.values(state.values).flatMap(
    (block) => block[SEVERAL.chosen]?.selected_options ?? [],
  );
  return options.flatMap(({ value }) => parseTarget(value) ?? []);
}

/** *Change the selection*. */
export async function drawSeveralAgain(context: Context, body: unknown): Promise<object> {
  const { user, view } = bodySchema.parse(body);
  return drawSeveral(context, user.id, readChoice(context, view.private_metadata).messages);
}

/** A channel may have been given another id since the modal was opened. */
function readChoice({ channelIds }: Context, written: string): Choice {
  const { seen, messages } = parseChoice(written);
  return {
    seen,
    messages: messages.map(({ channel, ts }) => ({ channel: channelIds.current(channel), ts })),
  };
}

/**
 * *Dismiss*. Commits an act for each message.
 * @returns the answer to the submission, and what takes the acts and says what has come of them
 */
export async function onSeveralConfirmed(
  context: Context,
  body: unknown,
): Promise<{ said: object; finish?: () => Promise<object> }> {
  const { user, view } = bodySchema.parse(body);
  const problem = await findSeveralProblem(context, user.id);
  if (problem) return { said: { response_action: 'update', view: renderDone(problem) } };
  const choice = readChoice(context, view.private_metadata);
  const reason = toReason(
    view.state.values[SEVERAL.reason]?.[SEVERAL.reason]?.selected_option?.value,
  );
  const acts = await askSeveral(context, user.id, choice, reason ?? null);
  return {
    said: { response_action: 'update', view: renderDismissing(choice.messages.length) },
    async finish() {
      await takeActs(context).catch((error: unknown) => {
        // Slack could not say whether they may. The job asks again.
        context.log.warn({ err: error, acts }, 'what somebody did is taken later');
      });
      return renderOutcome(
        await readOutcome(context, user.id, choice.messages, acts),
        REFUSALS,
        context.settings.taxonomy,
        await readRenderContext(context, context.db),
      );
    },
  };
}
