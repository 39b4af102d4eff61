import { z } from 'zod';
import type { Context } from '../../jobs/context.ts';
import { askDismissal } from '../../jobs/people/dismissals.ts';
import { readRenderContext } from '../../jobs/render-context.ts';
import {
  DUPLICATE,
  DUPLICATES_SHOWN,
  renderDuplicate,
} from '../../slack/blocks/people/duplicate.ts';
import { ensureUser } from '../../store/intake/users.ts';
import { findSimilarOpen } from '../../store/people/similar-open.ts';

/** *Duplicate of…*: which message a dismissed one repeats. */

interface Target {
  channel: string;
  ts: string;
}

export async function drawDuplicate(
  context: Context,
  target: Target,
  inHome: boolean,
): Promise<object> {
  const similar = await findSimilarOpen(context.db, target, DUPLICATES_SHOWN);
  const { channel, ts } = target;
  const renderContext = await readRenderContext(context, context.db);
  return renderDuplicate(similar, JSON.stringify({ channel, ts, inHome }), renderContext);
}

const TS = z.string().regex(/^\d{10}\.\d{6}$/);
const targetSchema = z.looseObject({ channel: z.string(), ts: TS, inHome: z.boolean() });
const bodySchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: z.looseObject({
    private_metadata: z.string(),
    state: z.looseObject({
      values: z.looseObject({
        [DUPLICATE.block]: z.looseObject({
          [DUPLICATE.choice]: z.looseObject({
            selected_option: z.looseObject({ value: TS }),
          }),
        }),
      }),
    }),
  }),
});

/** Commits the dismissal. @returns the message that was dismissed, and whether it was in the Home tab */
export async function onDuplicateChosen(
  context: Context,
  body: unknown,
): Promise<{ target: Target; inHome: boolean }> {
  const { user, view } = bodySchema.parse(body);
  const written = targetSchema.parse(JSON.parse(view.private_metadata));
  // It may have been given another id since the modal was opened.
  const target = { channel: context.channelIds.current(written.channel), ts: written.ts };
  const duplicateOf = view.state.values[DUPLICATE.block][DUPLICATE.choice].selected_option.value;
  await context.db.transaction().execute(async (tx) => {
    await ensureUser(tx, user.id);
    const act = { ...target, user: user.id };
    await askDismissal(tx, context, act, { reason: 'duplicate', duplicateOf });
  });
  return { target, inHome: written.inHome };
}
