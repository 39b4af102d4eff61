// The content of a post: text, blocks, attachments.
import type { BlockCheck } from '../block-kit/validate.ts';
import { escapeText } from '../text.ts';
import { ApiError, isObject, type JsonObject, type SimMessage } from '../types.ts';
import { readText } from './arguments.ts';

const MAX_ATTACHMENTS = 100;

function readAttachments(args: JsonObject): JsonObject[] | undefined {
  if (args.attachments === undefined || args.attachments === '') return undefined;
  if (!Array.isArray(args.attachments) || !args.attachments.every(isObject)) {
    throw new ApiError('invalid_attachments');
  }
  if (args.attachments.length > MAX_ATTACHMENTS) throw new ApiError('too_many_attachments');
  return args.attachments;
}

/** The checked content of a post. `text` is present only if the caller sent it. */
export function readContent(
  { args, blocks: check }: { args: JsonObject; blocks: BlockCheck },
  maxText: number,
): Pick<SimMessage, 'blocks' | 'attachments'> & { text?: string } {
  const text = readText(args, 'text');
  if (text !== undefined && text.length > maxText) throw new ApiError('msg_too_long');
  const blocks =
    args.blocks === undefined || args.blocks === ''
      ? undefined
      : check.message(args.blocks, text ?? '');
  const attachments = readAttachments(args);
  if (text === undefined && !blocks?.length && !attachments?.length) {
    // An update that removes all blocks still needs something to show.
    throw new ApiError('no_text');
  }
  return {
    ...(text === undefined ? {} : { text: escapeText(text) }),
    ...(blocks ? { blocks } : {}),
    ...(attachments ? { attachments } : {}),
  };
}
