import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { MINUTE_MS } from '../core/durations.ts';
import { findErrorCode } from '../core/error-code.ts';
import type { Answer, Slack } from './client.ts';

/**
 * Sends a file to one person: uploads it to Slack, where nobody sees it yet, then shares it in the
 * direct conversation with them; shares.ts looks whether it is there. A file can be shared this way
 * only once; Slack discards one that is never shared:
 * https://docs.slack.dev/reference/methods/files.completeUploadExternal, November 2026.
 */

const openedSchema = z.looseObject({ channel: z.looseObject({ id: z.string() }) });

/** Opens the direct conversation with a person, or finds it. @returns its id */
export async function openDirect(slack: Slack, user: string): Promise<Answer<string>> {
  const answer = await slack.call('conversations.open', { users: user }, openedSchema);
  return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.channel.id } : answer;
}

const ticketSchema = z.looseObject({ upload_url: z.url(), file_id: z.string() });

/** How long an upload may take, whatever its size. */
const UPLOAD_MS = 5 * MINUTE_MS;

/**
 * Uploads a file from the disk as a stream.
 * @param name the name that people see; its extension gives the type
 * @returns its id at Slack
 */
export async function uploadFile(
  slack: Slack,
  file: string,
  name: string,
): Promise<Answer<string>> {
  const { size: length } = await stat(file);
  const ticket = await slack.call(
    'files.getUploadURLExternal',
    { filename: name, length },
    ticketSchema,
  );
  if (ticket.kind !== 'ok') return ticket;
  const { upload_url: url, file_id: id } = ticket.value;
  try {
    // The address is valid for this one file and needs no token.
    const response = await fetch(url, {
      method: 'POST',
      body: await openAsBlob(file),
      signal: AbortSignal.timeout(UPLOAD_MS),
    });
    await response.body?.cancel();
    if (response.ok) return { kind: 'ok', value: id };
    return { kind: 'unclear', reason: `HTTP ${response.status} at the upload` };
  } catch (error) {
    return { kind: 'unclear', reason: findErrorCode(error) ?? 'the upload broke off' };
  }
}

/**
 * Shares an uploaded file. Slack accepts it first and shares it a moment later; at times it never
 * does. It refuses it with `file_not_found` if it was accepted before.
 */
export function shareFile(
  slack: Slack,
  file: { id: string; title: string; channel: string; comment: string },
): Promise<Answer<unknown>> {
  const { id, title, channel, comment } = file;
  return slack.call(
    'files.completeUploadExternal',
    { files: [{ id, title }], channel_id: channel, initial_comment: comment },
    z.looseObject({}),
  );
}
