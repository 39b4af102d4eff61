// The three steps of an upload: get an address, send the bytes there, complete it. Slack shares the
// file a moment after that, or never.
// It can be completed once: https://docs.slack.dev/reference/methods/files.completeUploadExternal.
import { addMessage } from '../messages.ts';
import { escapeText } from '../text.ts';
import { ApiError, isObject, type JsonObject } from '../types.ts';
import type { Workspace } from '../workspace.ts';
import { findChannel, requireMember, requireNotArchived } from './access.ts';
import { readText, requireText } from './arguments.ts';
import type { MethodContext } from './context.ts';
import { requireSharing } from './posting.ts';

/** Shares to come, in their order. */
interface Shares {
  isHeld: boolean;
  due: { at: number; run: () => void }[];
}

const shares = new WeakMap<Workspace, Shares>();

/** How long Slack takes to share a completed file. */
const SHARE_MS = 500;

function sharesOf(world: Workspace): Shares {
  const known = shares.get(world) ?? { isHeld: false, due: [] };
  shares.set(world, known);
  return known;
}

/** Shares every file whose time has come; called before each call. */
export function shareDue(world: Workspace): void {
  const { isHeld, due } = sharesOf(world);
  const now = world.now();
  while (!isHeld && due[0] && due[0].at <= now) due.shift()?.run();
}

/** Keeps files from being shared; released, they are shared at once. */
export function holdShares(world: Workspace, isHeld: boolean): void {
  const held = sharesOf(world);
  held.isHeld = isHeld;
  if (!isHeld) for (const { run } of held.due.splice(0)) run();
}

/** A completed upload. */
export function findFile(
  world: Workspace,
  id: string,
): { name: string; bytes: Buffer } | undefined {
  const upload = world.uploads.get(id);
  return upload?.bytes && upload.isCompleted
    ? { name: upload.name, bytes: upload.bytes }
    : undefined;
}

export function getUploadUrl({ args, world, url }: MethodContext): JsonObject {
  const name = requireText(args, 'filename');
  const size = Number(requireText(args, 'length', 'missing_argument'));
  if (size === 0) throw new ApiError('missing_argument');
  if (!Number.isInteger(size) || size < 0) throw new ApiError('invalid_arguments');
  const id = world.newId('F');
  world.uploads.set(id, { name, size });
  return { upload_url: `${url}/upload/${id}`, file_id: id };
}

/** Stores the bytes of an upload. Returns false for an unknown address or a wrong length. */
export async function receiveUpload(
  world: Workspace,
  id: string,
  body: Buffer,
  contentType = '',
): Promise<boolean> {
  const upload = world.uploads.get(id);
  if (!upload || upload.isCompleted) return false;
  const bytes = contentType.startsWith('multipart/form-data')
    ? await unwrap(body, contentType)
    : body;
  if (bytes?.length !== upload.size) return false;
  upload.bytes = bytes;
  return true;
}

async function unwrap(body: Buffer, contentType: string): Promise<Buffer | undefined> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  const file = [...form.values()].find((value) => typeof value !== 'string');
  return file && Buffer.from(await file.arrayBuffer());
}

/** The form of a `channel_id`; Slack refuses the ids of people here (bolt-js#2115). */
const CHANNEL_ID = /^[CGDZ][A-Z0-9]{8,}$/;

export function completeUpload(context: MethodContext): JsonObject {
  const { args, world } = context;
  if (!Array.isArray(args.files) || args.files.length === 0)
    throw new ApiError('invalid_arguments');
  const entries = args.files.map((entry: unknown) => {
    const id = isObject(entry) ? String(entry.id) : '';
    const upload = world.uploads.get(id);
    if (!upload?.bytes || upload.isCompleted) throw new ApiError('file_not_found');
    const title = isObject(entry) && typeof entry.title === 'string' ? entry.title : upload.name;
    return { upload, file: { id, name: upload.name, title, size: upload.size, mode: 'hosted' } };
  });
  const files: JsonObject[] = entries.map(({ file }) => file);
  const channelId = readText(args, 'channel_id');
  const channel = channelId === undefined ? undefined : findTarget(context, channelId);
  if (channel) requireSharing(channel, readText(args, 'thread_ts'));
  for (const { upload } of entries) upload.isCompleted = true;
  if (channel) {
    const thread = readText(args, 'thread_ts');
    const run = () => {
      const ts = world.nextTs();
      addMessage(world, channel, {
        ts,
        text: escapeText(readText(args, 'initial_comment') ?? ''),
        subtype: 'file_share',
        user: world.botUserId,
        bot_id: world.botId,
        files,
        ...(thread === undefined ? {} : { thread_ts: thread }),
      });
    };
    sharesOf(world).due.push({ at: world.now() + SHARE_MS, run });
    // By the clock of the machine, in case nobody calls again.
    setTimeout(() => shareDue(world), SHARE_MS + 1).unref();
  }
  return { files };
}

function findTarget(context: MethodContext, id: string) {
  if (!CHANNEL_ID.test(id)) throw new ApiError('invalid_arguments');
  const channel = findChannel(context, { channel: id }, 'invalid_channel');
  requireMember(context, channel);
  requireNotArchived(channel);
  return channel;
}

const LISTS = { channel: 'channels', group: 'groups', im: 'ims' } as const;

/** A file that the app has uploaded, or that is in messages that it can see, with where it is. */
export function infoFile({ args, world }: MethodContext): JsonObject {
  const id = requireText(args, 'file', 'file_not_found');
  const upload = world.uploads.get(id);
  const places: Record<(typeof LISTS)[keyof typeof LISTS], string[]> = {
    channels: [],
    groups: [],
    ims: [],
  };
  const shares: Record<string, Record<string, JsonObject[]>> = {};
  let file: JsonObject | undefined = upload?.isCompleted
    ? { id, name: upload.name, title: upload.name, size: upload.size, mode: 'hosted' }
    : undefined;
  for (const channel of world.channels.values()) {
    if (!channel.members.has(world.botUserId)) continue;
    for (const message of channel.store.all()) {
      const found = message.files?.find((one) => one.id === id);
      if (!found) continue;
      file = found;
      const visibility = channel.kind === 'channel' ? 'public' : 'private';
      const list = places[LISTS[channel.kind]];
      if (!list.includes(channel.id)) list.push(channel.id);
      shares[visibility] ??= {};
      shares[visibility][channel.id] ??= [];
      shares[visibility][channel.id]?.push({
        ts: message.ts,
        ...(message.thread_ts && { thread_ts: message.thread_ts }),
        reply_users: [],
        reply_count: 0,
      });
    }
  }
  if (!file) throw new ApiError('file_not_found');
  return {
    file: { user: world.botUserId, ...file, ...places, shares },
    comments: [],
    response_metadata: { next_cursor: '' },
  };
}
