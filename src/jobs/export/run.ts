import { rm } from 'node:fs/promises';
import { dateOf } from '../../core/calendar.ts';
import { backoffMs } from '../../core/delivery/backoff.ts';
import { PRIORITY } from '../../core/delivery/effects.ts';
import { isSlackError } from '../../core/delivery/slack-errors.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/durations.ts';
import { findErrorCode } from '../../core/error-code.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { count, escapeMrkdwn } from '../../core/text.ts';
import { renderNotice } from '../../slack/blocks/notice.ts';
import { nameOperator } from '../../slack/blocks/operator.ts';
import { type Answer, describeFailure } from '../../slack/client.ts';
import { openDirect, shareFile, uploadFile } from '../../slack/files.ts';
import { SlackReadError } from '../../slack/read.ts';
import { isShared } from '../../slack/shares.ts';
import { addEffects } from '../../store/delivery/outbox.ts';
import {
  type Export,
  nextExport,
  updateExport,
  updateSending,
} from '../../store/export/exports.ts';
import { findPlace } from '../../store/export/place.ts';
import { findChannel } from '../../store/intake/channels.ts';
import { readNames } from '../../store/intake/users.ts';
import { isErasing, readForgottenMark } from '../../store/privacy/forgettings.ts';
import type { Context, NextAt } from '../context.ts';
import type { Wake } from '../job.ts';
import { findPermissionProblem } from '../people/permissions.ts';
import { writeExport } from './file.ts';

/**
 * asked → sending → accepted → done, or failed, with the reason for the person who asked. First the
 * file is written and uploaded, which nobody sees and which is repeated after a crash. Its id is
 * committed; then Slack is asked to share it. Slack accepts a file only once: a call whose answer was
 * lost is repeated, and if the second call is refused, the first one did it. Slack shares the file a
 * moment after it has accepted it, and at times never: it is looked for in the conversation.
 */
export async function runExports(context: Context, { causes }: Wake): Promise<NextAt> {
  if (causes.has('start')) await rm(await findPlace(context.db), { force: true });
  for (;;) {
    const due = await nextExport(context.db);
    if (!due) return null;
    // A file that is written meanwhile would have to be written again.
    if (await isErasing(context.db)) return context.clock.now() + SECOND_MS;
    if (due.next_at > context.clock.now()) return due.next_at;
    if (due.state === 'asked') await prepare(context, due);
    else if (due.state === 'accepted') await look(context, due);
    else await send(context, due, 'again');
  }
}

/** An export that has not got through by then fails. */
const GIVE_UP_MS = HOUR_MS;

/** Slack shares an accepted file within seconds, or at a bad time within minutes. */
const SHARED_WITHIN_MS = 15 * MINUTE_MS;

const LOOK = { firstMs: 1_000, mostMs: MINUTE_MS };

async function prepare(context: Context, asked: Export): Promise<void> {
  const { db, slack, log } = context;
  const { id, channel, user } = asked;
  const mark = await readForgottenMark(db);
  let upload: Answer<{ im: string; file: string; messages: number }>;
  try {
    const denied = await findPermissionProblem(context, channel, user);
    if (denied) return await fail(context, asked, denied);
    const direct = await openDirect(slack, user);
    upload = direct.kind === 'ok' ? await writeAndUpload(context, asked, direct.value) : direct;
  } catch (error) {
    // Slack cannot be reached, or the disk is full: this one waits, the others go on.
    log.warn({ err: error, export: id }, 'an export could not be prepared');
    return await tryLater(context, asked, { kind: 'unsent', reason: nameCause(error) });
  }
  if (upload.kind !== 'ok') return await tryLater(context, asked, upload);
  // It may hold what was forgotten since. Nobody has seen it, and Slack discards it.
  if ((await readForgottenMark(db)) !== mark) return;
  const ready = { state: 'sending' as const, ...upload.value };
  await updateExport(db, id, ready);
  log.info({ export: id, channel, user, messages: ready.messages }, 'an export is uploaded');
  await send(context, { ...asked, ...ready }, 'first');
}

const nameCause = (error: unknown) =>
  error instanceof SlackReadError ? error.message : (findErrorCode(error) ?? 'it failed here');

async function writeAndUpload(
  context: Context,
  asked: Export,
  im: string,
): Promise<Answer<{ im: string; file: string; messages: number }>> {
  const {
    db,
    slack,
    workspace: { url: workspaceUrl },
  } = context;
  const file = await findPlace(db);
  try {
    const channelName = (await findChannel(db, asked.channel))?.name ?? null;
    const names = { workspaceUrl, channelName, nameOf: await readNames(db) };
    const messages = await writeExport(db, file, asked, names);
    const uploaded = await uploadFile(slack, file, nameFile(context, asked, channelName));
    if (uploaded.kind !== 'ok') return uploaded;
    return { kind: 'ok', value: { im, file: uploaded.value, messages } };
  } finally {
    await rm(file, { force: true });
  }
}

/** Such as `feedback-2026-11-23.csv`. */
function nameFile(
  { settings: { timeZone } }: Context,
  asked: Export,
  channelName: string | null,
): string {
  const date = dateOf(asked.asked_at, timeZone);
  return `${channelName ?? asked.channel}-${date}.${asked.format}`;
}

/** @param turn whether an earlier try of this sharing may have reached Slack */
async function send(context: Context, sending: Export, turn: 'first' | 'again'): Promise<void> {
  const { db, slack, clock } = context;
  const { id, channel, file, im, messages } = sending;
  if (file === null || im === null) throw new Error(`export ${id} is sending without a file`);
  const channelName = (await findChannel(db, channel))?.name ?? null;
  const answer = await shareFile(slack, {
    id: file,
    title: nameFile(context, sending, channelName),
    channel: im,
    comment: `Here is the export that you asked for: ${count(messages ?? 0, 'message')} of <#${channel}>.`,
  });
  const isUnknown = answer.kind === 'refused' && answer.error === 'file_not_found';
  if (answer.kind === 'ok' || (isUnknown && turn === 'again')) {
    const now = clock.now();
    await updateSending(db, id, file, {
      state: 'accepted',
      accepted_at: now,
      attempts: 0,
      next_at: now + LOOK.firstMs,
      trouble: null,
    });
    return;
  }
  if (!isUnknown) return await tryLater(context, sending, answer);
  // Nobody has seen it, and nobody will: Slack has lost it.
  await updateExport(db, id, { state: 'asked', file: null, im: null });
  await tryLater(context, { ...sending, state: 'asked' }, { kind: 'unsent', reason: answer.error });
}

/** Looks whether the file is in the conversation by now. */
async function look(context: Context, accepted: Export): Promise<void> {
  const { db, slack, clock, log } = context;
  const { id, file, im, accepted_at, attempts } = accepted;
  if (file === null || im === null) throw new Error(`export ${id} is accepted without a file`);
  const answer = await isShared(slack, { id: file, channel: im });
  const now = clock.now();
  if (answer.kind === 'ok' && answer.value) {
    await updateExport(db, id, { state: 'done', trouble: null, ended_at: now });
    log.info({ export: id }, 'an export is sent');
    return;
  }
  // The app may have been installed before it asked for `files:read`.
  if (answer.kind === 'refused' && isSlackError(answer.error, 'token')) {
    return await end(context, accepted, { state: 'done', trouble: MAYBE_SENT }, answer.error);
  }
  if (now - (accepted_at ?? now) > SHARED_WITHIN_MS) {
    const trouble = answer.kind === 'ok' ? NEVER_SHARED : MAYBE_SENT;
    return await end(context, accepted, { state: 'failed', trouble });
  }
  const next_at = answer.kind === 'limited' ? answer.until : now + backoffMs(attempts, LOOK);
  const trouble = answer.kind === 'ok' ? 'not shared yet' : describeFailure(answer);
  await updateExport(db, id, { next_at, attempts: attempts + 1, trouble });
}

async function tryLater(
  context: Context,
  open: Export,
  answer: Exclude<Answer<unknown>, { kind: 'ok' }>,
): Promise<void> {
  const { db, clock, log } = context;
  const { id, attempts } = open;
  const now = clock.now();
  const reason = describeFailure(answer);
  if (answer.kind === 'refused' && !isSlackError(answer.error, 'retry')) {
    return await fail(context, open, reason);
  }
  if (now - open.asked_at > GIVE_UP_MS) {
    if (open.state === 'sending')
      return await end(context, open, { state: 'failed', trouble: MAYBE_SENT });
    return await fail(context, open, reason);
  }
  const next_at = answer.kind === 'limited' ? answer.until : now + backoffMs(attempts);
  log.info({ export: id, reason, attempts, nextAt: next_at }, 'an export waits');
  await updateExport(db, id, { next_at, attempts: attempts + 1, trouble: reason });
}

const MAYBE_SENT =
  'I cannot tell whether your export arrived. If it is not in our direct messages, please ask for it again.';

const NEVER_SHARED =
  'Slack has taken the file of your export, but has not brought it to our direct messages. Please ask for it again.';

/** The reasons in words for the person who asked; for other reasons, Slack's own code. */
const listReasons = (hosted: Host): Record<string, string> => ({
  guest: 'guests can read the summary, but not take the messages with them',
  foreign:
    'people of other organizations can read the summary, but not take the messages with them',
  unknown:
    'Slack does not tell me who you are. Try again in ten minutes, or ask a member of this workspace',
  outside: 'only people in the channel can do that. Join it, then ask again',
  moot: 'bots cannot',
  missing_scope: `my app lacks a permission (files:write, files:read or im:write). ${hosted ? 'Install Winnow again' : 'Ask your Winnow admin to install it again with the current manifest'}`,
  file_uploads_disabled: 'this workspace does not allow files to be uploaded',
  file_uploads_except_images_disabled: 'this workspace allows only pictures to be uploaded',
  file_type_not_allowed: 'this workspace does not allow files of this kind. Try the other format',
  file_upload_size_restricted:
    'it is larger than this workspace allows. Ask for less, for instance `export csv 30d`',
  storage_limit_reached: 'the storage of this workspace is full',
  messages_tab_disabled: `direct messages to my app are off. Ask ${nameOperator(hosted)} to switch on the Messages tab under App Home`,
});

function fail(context: Context, open: Export, reason: string): Promise<void> {
  const reasons = listReasons(context.hosted);
  const known = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  const words = known ?? `Slack did not take it (${escapeMrkdwn(reason)})`;
  const trouble = `Your export could not be made: ${words}.`;
  return end(context, open, { state: 'failed', trouble }, reason);
}

/** An end that the person who asked has to know about; only they see it, where they asked. */
async function end(
  { db, clock, log }: Context,
  { id, channel, user }: Export,
  { state, trouble }: { state: 'done' | 'failed'; trouble: string },
  reason?: string,
): Promise<void> {
  const now = clock.now();
  await db.transaction().execute(async (tx) => {
    await updateExport(tx, id, { state, trouble, ended_at: now });
    const effect = { kind: 'ephemeral' as const, user, ...renderNotice(trouble) };
    const key = `export-e${id}`;
    await addEffects(tx, [{ key, channel, priority: PRIORITY.person, effect }], now);
  });
  log.warn({ export: id, state, reason }, 'an export did not end well');
}
