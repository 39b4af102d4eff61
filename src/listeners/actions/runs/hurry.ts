import { escapeMrkdwn, formatAtMost } from '../../../core/text.ts';
import type { Context } from '../../../jobs/context.ts';
import { estimateHurry } from '../../../jobs/runs/lanes/hurry.ts';
import { ACTIONS } from '../../../slack/blocks/actions.ts';
import type { Tx } from '../../../store/db/tables.ts';
import { ensureUser } from '../../../store/intake/users.ts';
import { hurryRun, type Run } from '../../../store/runs/runs.ts';
import type { Register } from '../../tools.ts';
import { onRunPressed } from './pressed-run.ts';

/** *Don't wait* on the receipt of a run: the rest is judged at once. */
export const registerHurry: Register = (app, { context, emit, apologize, answer }) => {
  app.action(ACTIONS.hurry, async ({ body, ack, respond }) => {
    const said = await onRunPressed(context, body, hurry).catch(apologize('btn'));
    await ack();
    emit('command');
    await answer(respond, said);
  });
};

/** Commits that the rest is judged at once. @returns what to say to the person */
async function hurry(tx: Tx, context: Context, run: Run, user: string): Promise<string> {
  if (run.canceled_by !== null) return 'The run is being canceled.';
  if (run.lane === 'express' || run.hurried_at !== null)
    return 'Claude is already classifying the rest at once.';
  const usd = await estimateHurry(tx, context, run);
  if (usd === null) {
    return run.trouble === null
      ? 'This run cannot go faster: its last results are on their way, it is too large, or the budget does not allow it.'
      : `Claude accepts no requests right now (${escapeMrkdwn(run.trouble)}), so this run cannot go faster.`;
  }
  await ensureUser(tx, user);
  await hurryRun(tx, run, { reason: 'person', by: user, moreUsd: usd }, context.clock.now());
  return `Claude now classifies the rest at once, for ${formatAtMost(usd)} more. Results that are already there are kept.`;
}
