import { z } from 'zod';
import { type ActKind, lastStateAct } from '../../core/people/acts.ts';
import { toReason } from '../../core/people/dismissal.ts';
import { DENIALS } from '../../core/people/permission.ts';
import { listSecondCategories } from '../../core/runs/also.ts';
import { type Context, isWatched } from '../../jobs/context.ts';
import { askDismissal } from '../../jobs/people/dismissals.ts';
import { checkInTime, findPermissionProblem } from '../../jobs/people/permissions.ts';
import { REFUSALS, takeActs } from '../../jobs/people/take-acts.ts';
import { ACTIONS, parseTarget } from '../../slack/blocks/actions.ts';
import { parseAlso } from '../../slack/blocks/people/also.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { askAct, findAct, listActiveActs } from '../../store/people/acts.ts';
import { drawDuplicate } from '../modals/duplicate.ts';
import { drawTriage } from '../modals/triage.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace, type Tools } from '../tools.ts';
import { onPressed, type Pressable, type Pressed, registerPressable } from './press.ts';
import { onWhy } from './why.ts';

/** The buttons, the menu and the select of a message, on a card, in lists and in modals. */

const KINDS = new Map<string, Exclude<ActKind, 'add' | 'confirm'>>([
  [ACTIONS.claim, 'claim'],
  [ACTIONS.resolve, 'resolve'],
  [ACTIONS.dismiss, 'dismiss'],
  [ACTIONS.flag, 'flag'],
  [ACTIONS.category, 'correct'],
  [ACTIONS.also, 'correct'],
  [ACTIONS.undo, 'undo'],
  [ACTIONS.reason, 'dismiss'],
]);

const flags: Pressable = {
  ids: new RegExp(`^(${[...KINDS.keys()].filter((id) => id !== ACTIONS.reason).join('|')})$`),
  ask: askPressed,
  take: takePressed,
  redraw: async (context, { place: { target } }, notice) =>
    target && drawTriage(context, target, notice),
};

const registerButtons = registerPressable(flags);

export const registerFlags: Register = (app, tools) => {
  registerButtons(app, tools);
  app.action(ACTIONS.reason, (args) => {
    const { actions } = pressedSchema.parse(args.body);
    return actions[0].selected_option?.value === 'duplicate'
      ? onDuplicate(tools, args)
      : onPressed(tools, flags, args);
  });
  app.action(ACTIONS.more, async (args) => {
    const { actions } = pressedSchema.parse(args.body);
    switch (actions[0].selected_option?.value) {
      case ACTIONS.why:
        return onWhy(tools, args);
      case ACTIONS.category:
        return onChangeCategory(tools, args);
      default:
        return onPressed(tools, flags, args);
    }
  });
};

/** *Change category…*: opens the modal of the message, which has the select. */
export const onChangeCategory = (tools: Tools, pressed: Pressed) =>
  openAllowed(tools, pressed, (context, target) => drawTriage(context, target));

/** *Duplicate of…*: opens the modal that says of which message. */
const onDuplicate = (tools: Tools, pressed: Pressed) => openAllowed(tools, pressed, drawDuplicate);

/** Opens a modal about a message for people who may act on it. */
async function openAllowed(
  tools: Tools,
  { body, ack, respond }: Pressed,
  draw: (
    context: Context,
    target: { channel: string; ts: string },
    inHome: boolean,
  ) => Promise<object | undefined>,
): Promise<void> {
  await ack();
  const { context } = tools;
  const { target, user, inHome } = readPlace(body);
  const denied =
    target &&
    (await checkInTime(context, user, () => findPermissionProblem(context, target.channel, user)));
  const view = target && !denied && (await draw(context, target, inHome));
  await openModal(
    tools,
    { body, respond },
    view ? { view } : denied ? DENIALS[denied] : REFUSALS.moot,
  );
}

/** A pressed button, or a chosen option. */
export const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([
    z.looseObject({
      action_id: z.string(),
      block_id: z.string(),
      selected_option: z.looseObject({ value: z.string() }).nullish(),
    }),
  ]),
});

/** @returns the id of the act asked for, committed; undefined when there is nothing to do */
async function askPressed(context: Context, body: unknown): Promise<number | undefined> {
  const { user, actions } = pressedSchema.parse(body);
  const [{ action_id, block_id, selected_option }] = actions;
  // An option of the menu stands for the button that it names.
  const chosen = action_id === ACTIONS.more ? (selected_option?.value ?? '') : action_id;
  const kind = KINDS.get(chosen);
  const target = parseTarget(block_id);
  if (!kind || !target || !isWatched(context, target.channel)) return undefined;
  const said = kind === 'correct' ? readCategories(context, chosen, selected_option?.value) : {};
  if (!said) return undefined;
  return context.db.transaction().execute(async (tx) => {
    const act = { ...target, user: user.id, kind, source: 'button' as const };
    await ensureUser(tx, user.id);
    if (action_id === ACTIONS.reason) {
      const reason = toReason(selected_option?.value) ?? null;
      return askDismissal(tx, context, { ...target, user: user.id }, { reason, duplicateOf: null });
    }
    if (kind !== 'undo') return askAct(tx, { ...act, ...said }, context.clock.now());
    const standing = await listActiveActs(tx, target.channel, target.ts);
    const last = lastStateAct(standing, context.settings.taxonomy) ?? standing.at(-1);
    if (!last) return undefined;
    return askAct(tx, { ...act, undoes: last.id }, context.clock.now());
  });
}

/** What a chosen category says; undefined when there is no such category. */
function readCategories(
  { settings: { taxonomy } }: Context,
  action: string,
  value = '',
): { category: string } | { also: string } | undefined {
  if (action !== ACTIONS.also) {
    return taxonomy.categories.some(({ key }) => key === value) ? { category: value } : undefined;
  }
  // Which category it comes after is known once the act is taken.
  const also = parseAlso(value);
  const known = also === '' || listSecondCategories(taxonomy).some(({ key }) => key === also);
  return known ? { also } : undefined;
}

/** Takes the act. @returns why it was refused, in words for the person who pressed */
export async function takePressed(context: Context, id: number): Promise<string | undefined> {
  await takeActs(context);
  const act = await findAct(context.db, id);
  return act?.refusal ? REFUSALS[act.refusal] : undefined;
}
