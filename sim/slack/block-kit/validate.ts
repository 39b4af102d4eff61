// Checks the blocks of messages and views as Slack does, with its error texts.
import { ApiError, isObject, type JsonObject } from '../types.ts';
import { checkBlock } from './blocks.ts';
import { type Check, fields, flag, report, text, textObject } from './rules.ts';

const MAX_MESSAGE_BLOCKS = 50;
const MAX_VIEW_BLOCKS = 100;
/** Undocumented: Slack was seen to refuse messages with more characters in total (2025 to 2026). */
const MAX_MESSAGE_CHARACTERS = 11_340;

export interface BlockCheck {
  /** The blocks with block ids filled in. Throws invalid_blocks, msg_blocks_too_long. */
  message(blocks: unknown, fallback: string): JsonObject[];
  /** The view with block ids filled in. Throws invalid_arguments. */
  view(view: unknown, kind: 'modal' | 'home'): JsonObject;
}

const SILENT_KEYS = new Set([
  'type',
  'block_id',
  'action_id',
  'value',
  'url',
  'image_url',
  'style',
  'external_id',
]);

function countCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value))
    return value.reduce((sum: number, entry) => sum + countCharacters(entry), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) => sum + (SILENT_KEYS.has(key) ? 0 : countCharacters(entry)),
    0,
  );
}

/** Every object with an action_id in a block and its nested blocks. */
export function findElements(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(findElements);
  if (!isObject(value)) return [];
  const here = typeof value.action_id === 'string' ? [value] : [];
  return [...here, ...Object.values(value).flatMap(findElements)];
}

function checkIds(block: unknown, path: string, check: Check): void {
  if (!isObject(block)) return;
  if (typeof block.block_id === 'string') {
    if (check.blockIds.has(block.block_id))
      report(check, `${path}/block_id`, `\`block_id\` ${block.block_id} already exists`);
    check.blockIds.add(block.block_id);
  }
  const seen = new Set<string>();
  for (const element of findElements(block)) {
    const id = String(element.action_id);
    if (seen.has(id)) report(check, path, `\`action_id\` ${id} already exists`);
    seen.add(id);
  }
}

let serial = 0;
function nextBlockId(): string {
  serial += 1;
  return `b${serial.toString(36).padStart(4, '0')}`;
}

/** Adds a missing block_id, as Slack does. */
function fillIn(block: JsonObject): JsonObject {
  const children = Array.isArray(block.child_blocks)
    ? {
        child_blocks: block.child_blocks.map((child: unknown) =>
          isObject(child) ? fillIn(child) : child,
        ),
      }
    : {};
  return { ...block, block_id: block.block_id ?? nextBlockId(), ...children };
}

function checkList(blocks: unknown, path: string, check: Check, max: number): JsonObject[] {
  if (!Array.isArray(blocks)) {
    report(check, path, 'should be an array');
    return [];
  }
  if (blocks.length > max) report(check, path, `no more than ${max} items allowed`);
  for (const [index, block] of blocks.entries()) {
    checkBlock(block, `${path}/${index}`, check);
    checkIds(block, `${path}/${index}`, check);
  }
  return blocks.filter(isObject).map(fillIn);
}

function refuse(error: string, problems: readonly string[]): never {
  throw new ApiError(error, {
    errors: problems,
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  });
}

const modalFields = fields(
  { title: textObject({ only: 'plain_text', max: 24 }) },
  {
    close: textObject({ only: 'plain_text', max: 24 }),
    submit: textObject({ only: 'plain_text', max: 24 }),
    clear_on_close: flag,
    notify_on_close: flag,
    submit_disabled: flag,
    private_metadata: text({ max: 3000 }),
    callback_id: text({ max: 255 }),
    external_id: text({ max: 255 }),
  },
);
const homeFields = fields(
  {},
  {
    private_metadata: text({ max: 3000 }),
    callback_id: text({ max: 255 }),
    external_id: text({ max: 255 }),
  },
);

export function createBlockCheck(refuseBlocks: Iterable<string>): BlockCheck {
  const refused = new Set(refuseBlocks);
  const open = (surface: Check['surface']): Check => ({
    surface,
    problems: [],
    counts: new Map(),
    blockIds: new Set(),
    refused,
  });
  return {
    message(blocks, fallback) {
      const check = open('message');
      const list = checkList(blocks, '/blocks', check, MAX_MESSAGE_BLOCKS);
      if (check.problems.length > 0) refuse('invalid_blocks', check.problems);
      if (countCharacters(list) + fallback.length > MAX_MESSAGE_CHARACTERS && list.length > 0) {
        throw new ApiError('msg_blocks_too_long');
      }
      return list;
    },
    view(view, kind) {
      const check = open(kind);
      if (!isObject(view) || view.type !== kind) {
        refuse('invalid_arguments', [`must be a ${kind} view [json-pointer:/view/type]`]);
      }
      const { type: _type, blocks, ...rest } = view;
      (kind === 'modal' ? modalFields : homeFields)(rest, '/view', check);
      const list = checkList(blocks, '/view/blocks', check, MAX_VIEW_BLOCKS);
      if (kind === 'modal' && view.submit === undefined && list.some((b) => b.type === 'input')) {
        report(
          check,
          '/view',
          'missing required field: submit (a view with input blocks needs it)',
        );
      }
      if (check.problems.length > 0) refuse('invalid_arguments', check.problems);
      return { ...view, blocks: list };
    },
  };
}
