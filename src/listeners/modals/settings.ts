import { fillForm, type SettingsForm } from '../../core/settings/form.ts';
import { readForm } from '../../core/settings/read-form.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Context } from '../../jobs/context.ts';
import { listEmojiInTime } from '../../jobs/delivery/check-emoji.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { priceMonth } from '../../jobs/runs/price.ts';
import { askForRejudging, measureRejudging, REJUDGED_DAYS } from '../../jobs/runs/rejudge.ts';
import { checkCron, listSchedules, nextTime } from '../../jobs/runs/schedule.ts';
import { readSettings, type SettingsNow, saveSettings } from '../../jobs/settings/in-force.ts';
import {
  REJUDGE_ANSWERS,
  renderRejudgeOffer,
  renderSaved,
  renderWords,
  SETTINGS_REFUSALS,
} from '../../slack/blocks/settings/saved.ts';
import { addRow, renderProblems, renderSettings } from '../../slack/blocks/settings/settings.ts';
import { listGoneEmoji } from '../../store/delivery/holds.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { findOpenRehearsal } from '../../store/settings/rehearsals.ts';
import { findSettingsProblem } from './may-change-settings.ts';
import { readModal } from './read-settings.ts';

/**
 * The settings modal, which the command or a button opens. Saved settings are committed and in force
 * before the submission is acknowledged.
 */

/** The answer to a submitted modal. */
export interface ViewAnswer {
  /** Short: Slack closes a Socket Mode connection on a message of more than 20 KB. */
  said:
    | { response_action: 'errors'; errors: Record<string, string> }
    | { response_action: 'update'; view: object };
  /** A view that replaces the modal after the acknowledgement. */
  then?: object;
}

export const update = (view: object, then?: object): ViewAnswer => ({
  said: { response_action: 'update', view },
  ...(then && { then }),
});

export const refuse = (errors: Record<string, string>): ViewAnswer => ({
  said: { response_action: 'errors', errors },
});

const startOver = async (context: Context, user: string) =>
  update(renderWords(CHANGED), await draw(context, user, CHANGED));

/** @returns the modal, or why the person may not change the settings */
export async function drawSettings(
  context: Context,
  { user, channel }: { user: string; channel?: string },
): Promise<{ kind: 'modal'; view: object } | { kind: 'refused'; words: string }> {
  const refusal = await findSettingsProblem(context, user, channel);
  if (refusal) return { kind: 'refused', words: SETTINGS_REFUSALS[refusal] };
  return { kind: 'modal', view: await draw(context, user) };
}

async function draw(context: Context, user: string, notice?: string): Promise<object> {
  return drawNow(context, user, await readSettings(context.db, context), notice);
}

async function drawNow(
  context: Context,
  user: string,
  { settings, saved, change }: SettingsNow,
  notice?: string,
  form = fillForm(settings),
): Promise<object> {
  const { timeZone: theirZone } = await findPerson(context, user);
  const renderContext = await readRenderContext(context, context.db);
  const rehearsal = await findOpenRehearsal(context.db, user);
  return renderSettings(
    {
      form,
      change,
      saved,
      theirZone,
      prices: await priceMonth(context),
      goneEmoji: await listGoneEmoji(context.db),
      ...(rehearsal?.stage === 'done' && { tried: rehearsal.id }),
      ...(notice && { notice }),
    },
    renderContext,
  );
}

const CHANGED =
  'Somebody has changed the settings while you had them open, so yours were not saved. These are the new ones.';

/** *Save*. */
export async function onSettingsSaved(context: Context, body: unknown): Promise<ViewAnswer> {
  const { user, change: shown, form, firstBlock } = readModal(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal === 'later') {
    return refuse({ [firstBlock]: SETTINGS_REFUSALS.later });
  }
  if (refusal) return update(renderWords(SETTINGS_REFUSALS[refusal]));
  const { settings: current, change } = await readSettings(context.db, context);
  if ((change?.id ?? 0) !== shown) return startOver(context, user);
  const now = context.clock.now();
  const read = readForm(form, {
    current,
    emoji: context.settings.emoji,
    emojiNames: await listEmojiFor(context, form, current),
    checkCron: (pattern) => checkCron(pattern, now),
  });
  if (read.kind === 'problems') {
    return refuse(renderProblems(shown, read.problems));
  }
  const saved = await save(context, user, { content: read.settings, shown });
  switch (saved.kind) {
    case 'changed_meanwhile':
      return startOver(context, user);
    case 'unchanged':
      return update(
        (change && (await drawOffer(context, change.id, false))) ??
          renderWords('Nothing was changed.'),
      );
    case 'saved':
      return update(await drawSaved(context, saved));
    default:
      return saved satisfies never;
  }
}

/** The emoji of the workspace, if the form has any that was not there before. */
export async function listEmojiFor(context: Context, form: SettingsForm, current: Settings) {
  const before = new Set(fillForm(current).categories.map(({ emoji }) => emoji));
  const isNew = form.categories.some(({ emoji }) => emoji.trim() !== '' && !before.has(emoji));
  return isNew ? listEmojiInTime(context) : undefined;
}

/** *Use the environment's*. @returns what the modal shows next */
export async function onSettingsReset(context: Context, body: unknown): Promise<object> {
  const { user, change: shown } = readModal(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return renderWords(SETTINGS_REFUSALS[refusal]);
  const saved = await save(context, user, { content: 'environment', shown });
  if (saved.kind === 'changed_meanwhile') return draw(context, user, CHANGED);
  if (saved.kind === 'unchanged') return draw(context, user);
  return drawSaved(context, saved);
}

async function save(
  context: Context,
  user: string,
  { content, shown }: Pick<Parameters<typeof saveSettings>[1], 'content' | 'shown'>,
) {
  // The modal and `status` name the person who made the last change.
  await context.db.transaction().execute((tx) => ensureUser(tx, user));
  return saveSettings(context, { content, user, shown });
}

/** What the modal shows once the settings are saved. */
export async function drawSaved(
  context: Context,
  { id, newTaxonomy }: { id: number; newTaxonomy: boolean },
): Promise<object> {
  const offer = newTaxonomy && (await drawOffer(context, id, true));
  if (offer) return offer;
  const now = context.clock.now();
  const times = new Map(
    listSchedules(context).map(({ key, pattern }) => [
      key,
      nextTime(pattern, context.settings.timeZone, now),
    ]),
  );
  const [summary, classify] = ['summary', 'classify'].map((key) => times.get(key) ?? null);
  return renderSaved(
    { summary: summary ?? null, classify: classify ?? null },
    context.settings.timeZone,
  );
}

/**
 * Renders the offer to judge again the messages that were judged under other categories; undefined
 * when there are none. It is repeated to a person who saves without a change, since they may have
 * missed it or postponed it.
 */
async function drawOffer(
  context: Context,
  change: number,
  saved: boolean,
): Promise<object | undefined> {
  const size = await measureRejudging(context);
  const {
    settings: { model },
  } = context;
  return size.messages === 0
    ? undefined
    : renderRejudgeOffer({ ...size, change, saved, days: REJUDGED_DAYS, model });
}

/** *Add a category*: the same modal with everything typed so far and one more empty row. */
export async function onCategoryAdded(context: Context, body: unknown): Promise<object> {
  const { user, change: shown, form } = readModal(body);
  const now = await readSettings(context.db, context);
  if ((now.change?.id ?? 0) !== shown) return draw(context, user, CHANGED);
  return drawNow(context, user, now, undefined, addRow(form));
}

/** *Judge again*. Commits the request. */
export async function onRejudge(context: Context, body: unknown): Promise<ViewAnswer> {
  const { user, change } = readModal(body);
  const refusal = await findSettingsProblem(context, user);
  if (refusal) return update(renderWords(SETTINGS_REFUSALS[refusal]));
  const now = await readSettings(context.db, context);
  if (now.change?.id !== change) return update(renderWords(REJUDGE_ANSWERS.changed));
  await askForRejudging(context, { settings: change, user });
  return update(renderWords(REJUDGE_ANSWERS.asked));
}

/** Shows an error beside the first input, so that nothing typed is lost. */
export function sayInModal(body: unknown, words: string): ViewAnswer {
  const { firstBlock } = readModal(body);
  return firstBlock ? refuse({ [firstBlock]: words }) : update(renderWords(words));
}
