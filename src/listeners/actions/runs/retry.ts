import type { Context } from '../../../jobs/context.ts';
import { retryRun } from '../../../jobs/runs/retry.ts';
import { ACTIONS } from '../../../slack/blocks/actions.ts';
import { describeTooSoon } from '../../../slack/blocks/trouble.ts';
import type { Tx } from '../../../store/db/tables.ts';
import type { Run } from '../../../store/runs/runs.ts';
import { onDoneInHome } from '../../events/app-home.ts';
import { type Register, readPlace } from '../../tools.ts';
import { onRunPressed } from './pressed-run.ts';

/** *Try again* on the receipt of a run that has to wait, and on the Home tab. */
export const registerRetry: Register = (app, { context, emit, apologize, answer }) => {
  app.action(ACTIONS.retry, async ({ body, ack, respond }) => {
    const said = await onRunPressed(context, body, retry).catch(apologize('btn'));
    await ack();
    emit('command');
    const { inHome, user } = readPlace(body);
    if (!inHome) return answer(respond, said);
    await onDoneInHome(context, user, said);
    emit('home');
  });
};

async function retry(tx: Tx, context: Context, run: Run, user: string): Promise<string> {
  const retried = await retryRun(tx, context, run, user);
  switch (retried.kind) {
    case 'tried':
      return 'Trying again now. You will see here what comes of it.';
    case 'too soon':
      return describeTooSoon(retried.waitMs);
    case 'not waiting':
      return 'The run does not have to wait any more: it is going on.';
    default:
      return retried satisfies never;
  }
}
