import { z } from 'zod';
import type { ThemeActKind } from '../../core/themes/themes.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { takeThemeActs } from '../../jobs/themes/take-acts.ts';
import { parseMerge, parseTheme, THEMES } from '../../slack/blocks/actions.ts';
import { renderTheme } from '../../slack/blocks/themes.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { askThemeAct, findThemeAct, readTheme } from '../../store/themes/acts.ts';
import { findMerge } from '../../store/themes/merges.ts';
import { findTheme } from '../../store/themes/themes.ts';
import { openModal } from '../open-modal.ts';
import type { Register } from '../tools.ts';
import { registerPressable } from './press.ts';

/** The buttons of themes, in the post that lists a summary's themes and in the modal of one theme. */

const KINDS = new Map<string, ThemeActKind>([
  [THEMES.out, 'out'],
  [THEMES.back, 'back'],
  [THEMES.merge, 'merge'],
  [THEMES.apart, 'apart'],
  [THEMES.unmerge, 'unmerge'],
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
};

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
  const [target, merge] = [parseTheme(block_id), parseMerge(block_id)];
  if (!kind) return undefined;
  const about = target
    ? await findTheme(db, target.theme)
    : merge === undefined
      ? undefined
      : await findMerge(db, merge);
  if (!about || !isWatched(context, about.channel)) return undefined;
  const act = {
    channel: about.channel,
    user: user.id,
    kind,
    ts: target?.ts ?? null,
    theme: target?.theme ?? null,
    merge: merge ?? null,
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
