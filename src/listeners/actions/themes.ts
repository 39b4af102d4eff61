import { z } from 'zod';
import {
  THEME_ORDERS,
  THEME_TRENDS,
  type ThemeActKind,
  type ThemeOrder,
  type ThemeTrend,
} from '../../core/themes/themes.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { createPause } from '../../jobs/slices.ts';
import { takeThemeActs } from '../../jobs/themes/take-acts.ts';
import {
  parseMerge,
  parseRun,
  parseTheme,
  parseTopic,
  THEMES,
} from '../../slack/blocks/actions.ts';
import { ALL_THEMES_BLOCK, renderAllThemes } from '../../slack/blocks/themes/all.ts';
import { renderTheme } from '../../slack/blocks/themes/one.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { findRun } from '../../store/runs/runs.ts';
import { askThemeAct, findThemeAct, readTheme } from '../../store/themes/acts.ts';
import { readThemeFacts } from '../../store/themes/facts.ts';
import { findMerge } from '../../store/themes/merges.ts';
import { findTheme } from '../../store/themes/themes.ts';
import { findTopic } from '../../store/themes/topics.ts';
import { openModal } from '../open-modal.ts';
import type { Register } from '../tools.ts';
import { registerPressable } from './press.ts';

/** The buttons of themes, in the thread of a summary and in the modals of one theme and of all. */

const KINDS = new Map<string, ThemeActKind>([
  [THEMES.out, 'out'],
  [THEMES.back, 'back'],
  [THEMES.merge, 'merge'],
  [THEMES.apart, 'apart'],
  [THEMES.unmerge, 'unmerge'],
  [THEMES.group, 'group'],
  [THEMES.separate, 'separate'],
  [THEMES.ungroup, 'ungroup'],
]);

const registerThemeActs = registerPressable({
  ids: new RegExp(`^(${[...KINDS.keys()].join('|')})$`),
  ask: askPressed,
  take: takePressed,
  redraw: (context, { body }, notice) => drawTheme(context, body, notice),
});

export const registerThemes: Register = (app, tools) => {
  registerThemeActs(app, tools);
  app.action(THEMES.look, async ({ body, ack, respond }) => {
    await ack();
    const view = await drawTheme(tools.context, body);
    await openModal(tools, { body, respond }, view ? { view } : REFUSALS.moot);
  });
  app.action(THEMES.all, async ({ body, ack, respond }) => {
    await ack();
    const { actions } = pressedSchema.parse(body);
    const view = await drawAllThemes(tools.context, parseRun(actions[0].block_id));
    await openModal(tools, { body, respond }, view ? { view } : REFUSALS.moot);
  });
  app.action(new RegExp(`^(${THEMES.order}|${THEMES.show})$`), async ({ body, ack }) => {
    await ack();
    const { view: shown, actions } = chosenSchema.parse(body);
    const [{ action_id, selected_option }] = actions;
    // What was chosen just now counts, whatever the view had before.
    const values = { ...shown.state.values[ALL_THEMES_BLOCK], [action_id]: { selected_option } };
    const { order, trend } = readChoice(values);
    const view = await drawAllThemes(tools.context, Number(shown.private_metadata), order, trend);
    if (view) await tools.show('views.update', { view_id: shown.id, hash: shown.hash, view });
  });
};

const optionSchema = z.looseObject({ value: z.string() }).nullish();

const chosenSchema = z.looseObject({
  actions: z.tuple([z.looseObject({ action_id: z.string(), selected_option: optionSchema })]),
  view: z.looseObject({
    id: z.string(),
    hash: z.string(),
    private_metadata: z.string(),
    state: z.looseObject({
      values: z.record(
        z.string(),
        z.record(z.string(), z.looseObject({ selected_option: optionSchema })),
      ),
    }),
  }),
});

/** What the selects of the modal show. */
function readChoice(values: Record<string, { selected_option?: { value: string } | null }>) {
  const order = values[THEMES.order]?.selected_option?.value;
  const trend = values[THEMES.show]?.selected_option?.value;
  return {
    order: THEME_ORDERS.find((one) => one === order),
    trend: THEME_TRENDS.find((one) => one === trend),
  };
}

/** Renders the modal of all themes of a run's summary; undefined when there is no such summary. */
async function drawAllThemes(
  context: Context,
  id: number | undefined,
  order: ThemeOrder = 'important',
  trend: ThemeTrend | null = null,
): Promise<object | undefined> {
  const { db, clock } = context;
  const run = id === undefined ? undefined : await findRun(db, id);
  if (!run || run.published_at === null || !isWatched(context, run.channel)) return undefined;
  const writtenAt = run.ended_at ?? clock.now();
  const scope = { channel: run.channel, run: run.id };
  const themes = await readThemeFacts(db, scope, writtenAt, createPause());
  const renderContext = await readRenderContext(context, db);
  return renderAllThemes({ run: run.id, writtenAt, themes, order, trend }, renderContext);
}

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([z.looseObject({ action_id: z.string(), block_id: z.string() })]),
});

/** @returns the id of the act asked for, committed; undefined when there is nothing to do */
async function askPressed(context: Context, body: unknown): Promise<number | undefined> {
  const { db, clock } = context;
  const { user, actions } = pressedSchema.parse(body);
  const [{ action_id, block_id }] = actions;
  const kind = KINDS.get(action_id);
  const [target, merge, topic] = [parseTheme(block_id), parseMerge(block_id), parseTopic(block_id)];
  if (!kind) return undefined;
  const about =
    (target && (await findTheme(db, target.theme))) ??
    (merge === undefined ? undefined : await findMerge(db, merge)) ??
    (topic === undefined ? undefined : await findTopic(db, topic));
  if (!about || !isWatched(context, about.channel)) return undefined;
  const act = {
    channel: about.channel,
    user: user.id,
    kind,
    ts: target?.ts ?? null,
    theme: target?.theme ?? null,
    merge: merge ?? null,
    topic: topic ?? null,
  };
  return db.transaction().execute(async (tx) => {
    await ensureUser(tx, user.id);
    return askThemeAct(tx, act, clock.now());
  });
}

/** Takes the act. @returns why it was refused, in words for the person who pressed */
async function takePressed(context: Context, id: number): Promise<string | undefined> {
  await takeThemeActs(context);
  const act = await findThemeAct(context.db, id);
  return act?.refusal ? REFUSALS[act.refusal] : undefined;
}

/**
 * Renders the modal of the theme that a button is about.
 * @param notice why the last act was refused
 * @returns undefined when there is no such theme
 */
async function drawTheme(
  context: Context,
  body: unknown,
  notice?: string,
): Promise<object | undefined> {
  const { actions } = pressedSchema.parse(body);
  const target = parseTheme(actions[0].block_id);
  const view = target && (await readTheme(context.db, target.theme));
  if (!view || !isWatched(context, view.channel)) return undefined;
  return renderTheme(view, await readRenderContext(context, context.db), notice);
}
