import { z } from 'zod';
import { type ActKind, lastStateAct } from '../core/people/acts.ts';
import { type Deps, isWatched } from '../jobs/deps.ts';
import { REFUSALS, takeActs } from '../jobs/people/take-acts.ts';
import { ACTIONS, parseTarget } from '../slack/blocks/actions.ts';
import { noticeUser } from '../store/intake/users.ts';
import { askAct, findAct, listStandingActs } from '../store/people/acts.ts';

/**
 * Buttons and the select on a card, in the noise list and in modals. What is pressed is committed
 * before it is acknowledged; it is taken right after, and the card shows it.
 */

const KINDS = new Map<string, Exclude<ActKind, 'add' | 'confirm'>>([
  [ACTIONS.claim, 'claim'],
  [ACTIONS.resolve, 'resolve'],
  [ACTIONS.dismiss, 'dismiss'],
  [ACTIONS.flag, 'flag'],
  [ACTIONS.category, 'correct'],
  [ACTIONS.undo, 'undo'],
]);

/** The action ids that this file answers. */
export const FLAG_ACTIONS = new RegExp(`^(${[...KINDS.keys()].join('|')})$`);

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([
    z.looseObject({
      action_id: z.string(),
      block_id: z.string(),
      selected_option: z.looseObject({ value: z.string() }).nullish(),
    }),
  ]),
});

/** @returns the act that it asks for, committed; undefined when there is nothing to do */
export async function onPressed(deps: Deps, body: unknown): Promise<number | undefined> {
  const { user, actions } = pressedSchema.parse(body);
  const [{ action_id, block_id, selected_option }] = actions;
  const kind = KINDS.get(action_id);
  const target = parseTarget(block_id);
  if (!kind || !target || !isWatched(deps, target.channel)) return undefined;
  const category = kind === 'correct' ? selected_option?.value : null;
  const known = deps.taxonomy.categories.some(({ key }) => key === category);
  if (kind === 'correct' && !known) return undefined;
  return deps.db.transaction().execute(async (tx) => {
    const act = { ...target, user: user.id, kind, source: 'button' as const };
    await noticeUser(tx, user.id);
    if (kind !== 'undo')
      return askAct(tx, { ...act, category: category ?? null }, deps.clock.now());
    const standing = await listStandingActs(tx, target.channel, target.ts);
    const last = lastStateAct(standing, deps.taxonomy) ?? standing.at(-1);
    if (!last) return undefined;
    return askAct(tx, { ...act, undoes: last.id }, deps.clock.now());
  });
}

/** Takes what was asked. @returns why it was refused, in words for whoever pressed */
export async function takePressed(deps: Deps, id: number): Promise<string | undefined> {
  await takeActs(deps);
  const act = await findAct(deps.db, id);
  return act?.refusal && act.refusal !== 'moot' ? REFUSALS[act.refusal] : undefined;
}
