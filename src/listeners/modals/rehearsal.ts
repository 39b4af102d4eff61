import { z } from 'zod';
import { readForm } from '../../core/settings/read-form.ts';
import type { Context } from '../../jobs/context.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { checkCron } from '../../jobs/runs/schedule.ts';
import { readSettings } from '../../jobs/settings/in-force.ts';
import {
  adoptRehearsal,
  discardRehearsal,
  prepareRehearsal,
  readRehearsalResult,
  startRehearsal,
} from '../../jobs/settings/rehearsals.ts';
import { describeRehearsalOverBudget } from '../../slack/blocks/budget.ts';
import { MISSING_KEY } from '../../slack/blocks/operator.ts';
import { renderMistakes } from '../../slack/blocks/settings/mistakes.ts';
import {
  REHEARSAL_ANSWERS,
  renderRehearsalOffer,
  renderRehearsalResult,
} from '../../slack/blocks/settings/rehearsal.ts';
import { renderWords, SETTINGS_REFUSALS } from '../../slack/blocks/settings/saved.ts';
import { findOpenRehearsal } from '../../store/settings/rehearsals.ts';
import { findSettingsProblem, listTheirChannels } from './may-change-settings.ts';
import { readModal } from './read-settings.ts';
import { drawSaved, listEmojiFor, update, type ViewAnswer } from './settings.ts';

/** The modals of a rehearsal: its offer on top of the settings, and what came of it. */

/** *Try them first…*. @returns the modal with the price, or with why nothing can be tried */
export async function drawRehearsalOffer(context: Context, body: unknown): Promise<object> {
  const { user, change: shown, form } = readModal(body);
  const { db, clock, settings, hosted } = context;
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return renderWords(SETTINGS_REFUSALS[refusal]);
  if (hosted?.key === 'none') return renderWords(MISSING_KEY);
  const { settings: current, change } = await readSettings(db, context);
  if ((change?.id ?? 0) !== shown) return renderWords(REHEARSAL_ANSWERS.changed);
  const now = clock.now();
  const read = readForm(form, {
    current,
    emoji: settings.emoji,
    emojiNames: await listEmojiFor(context, form, current),
    checkCron: (pattern) => checkCron(pattern, now),
  });
  if (read.kind === 'problems') return renderMistakes(form, read.problems);
  const channels = await listTheirChannels(context, user);
  const wanted = { user, channels, content: read.settings, shown };
  const offer = await prepareRehearsal(context, wanted);
  const { model } = settings;
  switch (offer.kind) {
    case 'offered':
      return renderRehearsalOffer({ ...offer, model }, await readRenderContext(context, db));
    case 'over budget':
      return renderWords(describeRehearsalOverBudget(offer.budget, { ...offer, model }, hosted));
    default:
      return renderWords(REHEARSAL_ANSWERS[offer.kind]);
  }
}

const viewSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: z.looseObject({
    private_metadata: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  }),
});

function readView(body: unknown): { user: string; id: number } {
  const { user, view } = viewSchema.parse(body);
  return { user: user.id, id: view.private_metadata };
}

/** *Try*. Committed when this resolves. */
export async function onRehearsalBegun(context: Context, body: unknown): Promise<ViewAnswer> {
  const { user, id } = readView(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return update(renderWords(SETTINGS_REFUSALS[refusal]));
  const begun = await startRehearsal(context, { user, id });
  const { model } = context.settings;
  switch (begun.kind) {
    case 'over budget':
      return update(
        renderWords(describeRehearsalOverBudget(begun.budget, { ...begun, model }, context.hosted)),
      );
    case 'changed_meanwhile':
      return update(renderWords(REHEARSAL_ANSWERS.changed));
    default:
      return update(renderWords(REHEARSAL_ANSWERS[begun.kind]));
  }
}

/** *Show the result*. @param notice why the last action failed. @returns the modal */
export async function drawRehearsalResult(
  context: Context,
  { user, id }: { user: string; id: number },
  notice?: string,
): Promise<object> {
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return renderWords(SETTINGS_REFUSALS[refusal]);
  const channels = await listTheirChannels(context, user);
  const result = await readRehearsalResult(context, { user, id, channels });
  if (result) {
    const renderContext = await readRenderContext(context, context.db);
    return renderRehearsalResult({ id, ...result, ...(notice && { notice }) }, renderContext);
  }
  const open = await findOpenRehearsal(context.db, user);
  const going = open?.id === id && open.stage === 'judging';
  return renderWords(REHEARSAL_ANSWERS[going ? 'judging' : 'over']);
}

/**
 * *Adopt*. The settings are committed and in force when this resolves.
 * @param apologize logs why it failed, and words it
 */
export async function onRehearsalAdopted(
  context: Context,
  body: unknown,
  apologize: (error: unknown) => string,
): Promise<ViewAnswer & { adopted?: true }> {
  const { user, id } = readView(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return update(renderWords(SETTINGS_REFUSALS[refusal]));
  const saved = await adoptRehearsal(context, { user, id }).catch((error: unknown) => ({
    kind: 'failed' as const,
    words: apologize(error),
  }));
  switch (saved.kind) {
    case 'saved':
      return { ...update(await drawSaved(context, saved)), adopted: true };
    case 'failed': {
      const { words } = saved;
      return update(renderWords(words), await drawRehearsalResult(context, { user, id }, words));
    }
    case 'changed_meanwhile':
      return update(renderWords(REHEARSAL_ANSWERS.changed));
    default:
      return update(renderWords(REHEARSAL_ANSWERS.over));
  }
}

/** *Discard*. @returns what the modal shows next */
export async function onRehearsalDiscarded(context: Context, body: unknown): Promise<object> {
  const { user, id } = readView(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return renderWords(SETTINGS_REFUSALS[refusal]);
  const discarded = await discardRehearsal(context, { user, id });
  return renderWords(REHEARSAL_ANSWERS[discarded ? 'discarded' : 'over']);
}
