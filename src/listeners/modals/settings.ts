import { fillForm } from '../../core/settings/form.ts';
import { readForm } from '../../core/settings/read-form.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { askForRejudging, measureRejudging, REJUDGED_DAYS } from '../../jobs/runs/rejudge.ts';
import { checkCron, listSchedules, nextTime } from '../../jobs/runs/schedule.ts';
import { readSettings, type SettingsNow, saveSettings } from '../../jobs/settings.ts';
import {
  REJUDGE_ANSWERS,
  renderRejudgeOffer,
  renderSaved,
  renderWords,
  SETTINGS_REFUSALS,
} from '../../slack/blocks/settings/saved.ts';
import { addRow, renderProblems, renderSettings } from '../../slack/blocks/settings/settings.ts';
import { noticeUser } from '../../store/intake/users.ts';
import { findSettingsBar } from './may-change-settings.ts';
import { readModal } from './read-settings.ts';

/**
 * The settings: a modal that is opened by the command or by a button, and saved. What is saved is
 * committed, and counts, before it is acknowledged.
 */

/** How a submitted modal is answered. */
export interface ViewAnswer {
  /** Short: Slack ends a Socket Mode connection over which it is sent more than 20 KB at once. */
  said:
    | { response_action: 'errors'; errors: Record<string, string> }
    | { response_action: 'update'; view: object };
  /** What the modal becomes after that. */
  then?: object;
}

const update = (view: object, then?: object): ViewAnswer => ({
  said: { response_action: 'update', view },
  ...(then && { then }),
});

const refuse = (errors: Record<string, string>): ViewAnswer => ({
  said: { response_action: 'errors', errors },
});

const startOver = async (context: Context, user: string) =>
  update(renderWords(CHANGED), await draw(context, user, CHANGED));

/** @returns the modal, or why this person may not change anything */
export async function drawSettings(
  context: Context,
  { user, channel }: { user: string; channel?: string },
): Promise<{ kind: 'modal'; view: object } | { kind: 'refused'; words: string }> {
  const bar = await findSettingsBar(context, user, channel);
  if (bar) return { kind: 'refused', words: SETTINGS_REFUSALS[bar] };
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
  const around = await readRenderContext(context, context.db);
  return renderSettings({ form, change, saved, theirZone, ...(notice && { notice }) }, around);
}

const CHANGED =
  'Somebody has changed the settings while you had them open, so yours were not saved. These are the new ones.';

/** *Save*. */
export async function onSettingsSaved(context: Context, body: unknown): Promise<ViewAnswer> {
  const { user, change: shown, form, firstBlock } = readModal(body);
  const bar = await findSettingsBar(context, user);
  if (bar === 'later') {
    return refuse({ [firstBlock]: SETTINGS_REFUSALS.later });
  }
  if (bar) return update(renderWords(SETTINGS_REFUSALS[bar]));
  const { settings: current, change } = await readSettings(context.db, context);
  if ((change?.id ?? 0) !== shown) return startOver(context, user);
  const now = context.clock.now();
  const read = readForm(form, {
    current,
    emoji: context.settings.emoji,
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

/** *Use the environment's*. @returns the modal as it is to look then */
export async function onSettingsReset(context: Context, body: unknown): Promise<object> {
  const { user, change: shown } = readModal(body);
  const bar = await findSettingsBar(context, user);
  if (bar) return renderWords(SETTINGS_REFUSALS[bar]);
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
  // Whoever changes something is named for it.
  await context.db.transaction().execute((tx) => noticeUser(tx, user));
  return saveSettings(context, { content, user, shown });
}

async function drawSaved(
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
 * To judge again what was judged under other categories; undefined when there is nothing. Made again
 * to whoever saves what is saved: it may not have been seen, or have been put off.
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

/** *Add a category*: the same modal, with what is typed by now and an empty row more. */
export async function onCategoryAdded(context: Context, body: unknown): Promise<object> {
  const { user, change: shown, form } = readModal(body);
  const now = await readSettings(context.db, context);
  if ((now.change?.id ?? 0) !== shown) return draw(context, user, CHANGED);
  return drawNow(context, user, now, undefined, addRow(form));
}

/** *Judge again*. What it asks for is committed. */
export async function onRejudge(context: Context, body: unknown): Promise<ViewAnswer> {
  const { user, change } = readModal(body);
  const bar = await findSettingsBar(context, user);
  if (bar) return update(renderWords(SETTINGS_REFUSALS[bar]));
  const now = await readSettings(context.db, context);
  if (now.change?.id !== change) return update(renderWords(REJUDGE_ANSWERS.changed));
  await askForRejudging(context, { settings: change, user });
  return update(renderWords(REJUDGE_ANSWERS.asked));
}

/** What went wrong, beside the first input: what was typed stays there. */
export function sayInModal(body: unknown, words: string): ViewAnswer {
  const { firstBlock } = readModal(body);
  return firstBlock ? refuse({ [firstBlock]: words }) : update(renderWords(words));
}
