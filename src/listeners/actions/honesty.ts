import { type Context, isWatched } from '../../jobs/context.ts';
import { readHonesty } from '../../jobs/people/honesty.ts';
import { REFUSALS } from '../../jobs/people/take-acts.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import { HONESTY, parseHonesty, parseTarget } from '../../slack/blocks/actions.ts';
import { renderHonesty } from '../../slack/blocks/people/honesty.ts';
import { resolveCopy } from '../../store/intake/copies.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { askAct } from '../../store/people/acts.ts';
import { readFacts } from '../../store/people/facts.ts';
import { findOwnAnswer, findQuestion } from '../../store/people/honesty.ts';
import { findRun } from '../../store/runs/runs.ts';
import { readTaxonomyToRender } from '../../store/runs/taxonomies.ts';
import { openModal } from '../open-modal.ts';
import type { Register } from '../tools.ts';
import { pressedSchema, takePressed } from './flags.ts';
import { type Pressable, registerPressable } from './press.ts';

/**
 * The answers to "Is this right?": *Right* confirms the category that was drawn, another one corrects it.
 * A person's new answer replaces their old one.
 */
const answers: Pressable = {
  ids: new RegExp(`^(${HONESTY.right}|${HONESTY.wrong})$`),
  ask: askAnswered,
  take: takePressed,
  // The post is written again with its digest.
  redraw: async () => undefined,
};

const registerAnswers = registerPressable(answers);

export const registerHonesty: Register = (app, tools) => {
  registerAnswers(app, tools);
  app.action(HONESTY.how, async ({ body, ack, respond }) => {
    await ack();
    const view = await drawHonesty(tools.context, body);
    await openModal(tools, { body, respond }, view ? { view } : REFUSALS.moot);
  });
};

/** @returns the id of the act asked for, committed; undefined when there is nothing to do */
async function askAnswered(context: Context, body: unknown): Promise<number | undefined> {
  const { user, actions } = pressedSchema.parse(body);
  const [{ action_id, block_id, selected_option }] = actions;
  const target = parseTarget(block_id);
  if (!target || !isWatched(context, target.channel)) return undefined;
  const { channel } = target;
  return context.db.transaction().execute(async (tx) => {
    const ts = await resolveCopy(tx, channel, target.ts);
    const question = await findQuestion(tx, channel, ts);
    if (!question) return undefined;
    const act = { channel, ts, user: user.id, source: 'honesty' as const };
    await ensureUser(tx, user.id);
    const own = await findOwnAnswer(tx, act);
    if (selected_option?.value === HONESTY.back) {
      return own && askAct(tx, { ...act, kind: 'undo', undoes: own.id }, context.clock.now());
    }
    const { categories } = context.settings.taxonomy;
    const category =
      action_id === HONESTY.right
        ? question.category
        : categories.find(({ key }) => key === selected_option?.value)?.key;
    if (category === undefined) return undefined;
    const [facts] = await readFacts(tx, channel, [ts]);
    const kind = facts?.verdict?.category === category ? 'confirm' : 'correct';
    // What somebody else has undone meanwhile stays undone.
    const undoes = own?.undone_by === null ? own.id : null;
    return askAct(tx, { ...act, kind, category, undoes }, context.clock.now());
  });
}

/** *How is this counted?* @returns the modal; undefined when the button is about nothing that is watched */
async function drawHonesty(context: Context, body: unknown): Promise<object | undefined> {
  const { db, clock, settings } = context;
  const about = parseHonesty(pressedSchema.parse(body).actions[0].block_id);
  if (!about || !isWatched(context, about.channel)) return undefined;
  const { channel } = about;
  const run = about.run === null ? undefined : await findRun(db, about.run);
  const to = run?.ended_at ?? clock.now();
  const honesty = await readHonesty(db, channel, { to, upTo: about.run });
  const taxonomy = await readTaxonomyToRender(db, settings.taxonomyVersion);
  return renderHonesty(honesty, taxonomy, await readRenderContext(context, db));
}
