import { z } from 'zod';
import { DENIALS } from '../../core/people/permission.ts';
import { TS_PATTERN, tsToMs } from '../../core/timestamps.ts';
import type { Context } from '../../jobs/context.ts';
import { askName } from '../../jobs/intake/names.ts';
import { checkInTime, findAdminProblem } from '../../jobs/people/permissions.ts';
import { FORGET, renderForget, renderForgetWords } from '../../slack/blocks/privacy/forget.ts';
import { findChannel } from '../../store/intake/channels.ts';
import { resolveCopy } from '../../store/intake/copies.ts';
import { keepOut } from '../../store/privacy/erase.ts';
import { type Asked, addForgetting, isAsked } from '../../store/privacy/forgettings.ts';
import { isForgotten, measureReach } from '../../store/privacy/remembered.ts';

/**
 * The modal that confirms what is forgotten. Submitting it commits the act; the job carries it out. Who may is
 * asked twice, because the modal may stay open for long.
 */

const targetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), channel: z.string(), ts: z.string().regex(TS_PATTERN) }),
  z.object({
    kind: z.literal('person'),
    channel: z.string(),
    person: z.string(),
    name: z.string().nullable(),
  }),
]);

type Target = z.infer<typeof targetSchema>;

const toAsked = (target: Target, by: string | null, byName: boolean, now: number): Asked => ({
  kind: target.kind,
  channel: target.channel,
  ts: target.kind === 'message' ? target.ts : null,
  person: target.kind === 'person' ? target.person : null,
  name: target.kind === 'person' ? target.name : null,
  by_name: byName ? 1 : 0,
  before: now,
  by,
});

/** @returns the modal, or why there is none */
export async function drawForgetPerson(
  context: Context,
  { user, channel, person }: { user: string; channel: string; person: string },
): Promise<{ view: object } | string> {
  let name: string | null = null;
  const denied = await checkInTime(context, user, async () => {
    const problem = await findAdminProblem(context, user);
    if (!problem) name = await askName(context, person);
    return problem;
  });
  if (denied) return DENIALS[denied];
  const target = { kind: 'person' as const, channel, person, name };
  const what = toAsked(target, user, target.name !== null, context.clock.now());
  const { byName, messages, replies, inThreads } = await measureReach(context.db, what);
  if (messages + replies === 0) return 'I have no text that this person wrote.';
  const facts = {
    kind: target.kind,
    name: target.name,
    messages: messages - byName,
    replies,
    inThreads,
  };
  return { view: renderForget({ ...facts, byName }, JSON.stringify(target)) };
}

/** @returns the modal; without a question when there is nothing to forget */
export async function drawForgetMessage(
  context: Context,
  { user, channel, ts: chosen }: { user: string; channel: string; ts: string },
): Promise<object> {
  const { db, clock } = context;
  const denied = await checkInTime(context, user, () => findAdminProblem(context, user));
  if (denied) return renderForgetWords('message', DENIALS[denied]);
  if (!(await findChannel(db, channel))) {
    return renderForgetWords(
      'message',
      'I collect nothing in this channel, so I have no text of it.',
    );
  }
  const ts = await resolveCopy(db, channel, chosen);
  if (await isForgotten(db, channel, ts)) {
    return renderForgetWords('message', 'This message has been forgotten.');
  }
  const target = { kind: 'message' as const, channel, ts };
  const what = toAsked(target, user, false, clock.now());
  const { messages, replies, inThreads } = await measureReach(db, what);
  const facts = { kind: target.kind, name: null, messages, replies, inThreads, byName: 0 };
  return renderForget(facts, JSON.stringify(target));
}

const bodySchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  view: z.looseObject({
    private_metadata: z.string(),
    state: z.looseObject({
      values: z.looseObject({
        [FORGET.block]: z
          .looseObject({
            [FORGET.choice]: z.looseObject({
              selected_options: z.array(z.looseObject({ value: z.string() })),
            }),
          })
          .optional(),
      }),
    }),
  }),
});

/** Commits the act. @returns the modal that says so, or why not */
export async function onForgetConfirmed(context: Context, body: unknown): Promise<object> {
  const { user, view } = bodySchema.parse(body);
  const written = targetSchema.parse(JSON.parse(view.private_metadata));
  // It may have been given another id since the modal was opened.
  const target = { ...written, channel: context.channelIds.current(written.channel) };
  const denied = await checkInTime(context, user.id, () => findAdminProblem(context, user.id));
  if (denied) return renderForgetWords(target.kind, DENIALS[denied]);
  const chosen = view.state.values[FORGET.block]?.[FORGET.choice].selected_options ?? [];
  const now = context.clock.now();
  await context.db.transaction().execute(async (tx) => {
    const asked = toAsked(target, user.id, chosen.length > 0, now);
    if (await isAsked(tx, asked)) return;
    const act = await addForgetting(tx, asked, now);
    if (target.kind !== 'message') return;
    const { channel, ts } = target;
    await keepOut(tx, { channel, ts, postedAt: tsToMs(ts) }, act, now);
  });
  return renderForgetWords(target.kind, 'I am erasing it. I will tell you when it is done.');
}
