// The three steps of an upload: ask for an address, send the bytes there, complete it (and share it).
import { addMessage } from '../messages.ts';
import { ApiError, isObject, type JsonObject } from '../types.ts';
import type { Workspace } from '../workspace.ts';
import { findChannel, requireMember, requireNotArchived } from './access.ts';
import { readText, requireText } from './arguments.ts';
import type { MethodContext } from './methods.ts';

interface Upload {
  name: string;
  size: number;
  bytes?: Buffer;
}

const uploads = new WeakMap<Workspace, Map<string, Upload>>();

function uploadsOf(world: Workspace): Map<string, Upload> {
  const known = uploads.get(world) ?? new Map<string, Upload>();
  uploads.set(world, known);
  return known;
}

export function getUploadUrl({ args, world, url }: MethodContext): JsonObject {
  const name = requireText(args, 'filename');
  const size = Number(requireText(args, 'length'));
  if (!Number.isInteger(size) || size <= 0) throw new ApiError('invalid_arguments');
  const id = world.newId('F');
  uploadsOf(world).set(id, { name, size });
  return { upload_url: `${url}/upload/${id}`, file_id: id };
}

/** Takes the bytes of an upload; false when nobody asked for that address or the length is wrong. */
export function receiveUpload(world: Workspace, id: string, bytes: Buffer): boolean {
  const upload = uploadsOf(world).get(id);
  // A form wraps the bytes, so only a shorter body is certainly wrong.
  if (!upload || bytes.length < upload.size) return false;
  upload.bytes = bytes;
  return true;
}

export function completeUpload(context: MethodContext): JsonObject {
  const { args, world } = context;
  if (!Array.isArray(args.files) || args.files.length === 0)
    throw new ApiError('invalid_arguments');
  const files = args.files.map((entry: unknown): JsonObject => {
    const id = isObject(entry) ? String(entry.id) : '';
    const upload = uploadsOf(world).get(id);
    if (!upload?.bytes) throw new ApiError('file_not_found');
    const title = isObject(entry) && typeof entry.title === 'string' ? entry.title : upload.name;
    return { id, name: upload.name, title, size: upload.size, mode: 'hosted' };
  });
  const channelId = readText(args, 'channel_id');
  if (channelId !== undefined) {
    const channel = findChannel(context, { channel: channelId });
    requireMember(context, channel);
    requireNotArchived(channel);
    const thread = readText(args, 'thread_ts');
    addMessage(world, channel, {
      ts: world.nextTs(),
      text: readText(args, 'initial_comment') ?? '',
      subtype: 'file_share',
      user: world.botUserId,
      bot_id: world.botId,
      files,
      ...(thread === undefined ? {} : { thread_ts: thread }),
    });
  }
  return { files };
}
