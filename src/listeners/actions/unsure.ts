import { z } from 'zod';
import { type Context, isWatched } from '../../jobs/context.ts';
import { parseTarget, UNSURE } from '../../slack/blocks/actions.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { askAct, listActiveActs } from '../../store/people/acts.ts';
import { readFacts } from '../../store/people/facts.ts';
import type { Register } from '../tools.ts';
import { onChangeCategory, takePressed } from './flags.ts';
import { type Pressable, registerPressable } from './press.ts';

/**
 * The answers to "which is right?": agreeing with the category confirms it, the other button corrects it.
 */
const unsure: Pressable = {
  ids: new RegExp(`^(${UNSURE.first}|${UNSURE.second}|${UNSURE.undo})$`),
  ask: askAnswered,
  take: takePressed,
  // The post is written again with its digest.
  redraw: async () => undefined,
};

const registerButtons = registerPressable(unsure);

export const registerUnsure: Register = (app, tools) => {
  registerButtons(app, tools);
  app.action(UNSURE.other, (args) => onChangeCategory(tools, args));
};

const pressedSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  actions: z.tuple([
    z.looseObject({ action_id: z.string(), block_id: z.string(), value: z.string().nullish() }),
  ]),
});

/** @returns the id of the act asked for, committed; undefined when there is nothing to do */
async function askAnswered(context: Context, body: unknown): Promise<number | undefined> {
  const { user, actions } = pressedSchema.parse(body);
  const [{ action_id, block_id, value }] = actions;
  const target = parseTarget(block_id);
  if (!target || !isWatched(context, target.channel)) return undefined;
  const { taxonomy } = context.settings;
  const category = taxonomy.categories.find(({ key }) => key === value)?.key;
  if (action_id !== UNSURE.undo && category === undefined) return undefined;
  return context.db.transaction().execute(async (tx) => {
    const act = { ...target, user: user.id, source: 'button' as const };
    await ensureUser(tx, user.id);
    if (category === undefined) {
      const standing = await listActiveActs(tx, target.channel, target.ts);
      const last = standing.findLast(({ kind }) => kind === 'correct' || kind === 'confirm');
      return last && askAct(tx, { ...act, kind: 'undo', undoes: last.id }, context.clock.now());
    }
    const [facts] = await readFacts(tx, target.channel, [target.ts]);
    const asked =
      facts?.verdict?.category === category
        ? { kind: 'confirm' as const }
        : { kind: 'correct' as const, category };
    return askAct(tx, { ...act, ...asked }, context.clock.now());
  });
}
