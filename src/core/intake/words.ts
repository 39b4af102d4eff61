import { z } from 'zod';
import { cleanText, escapeMrkdwn } from '../text.ts';
import { isGivenTitle, kindOfFile, noteWordless } from './wordless.ts';

/**
 * Gathers every place where a message has words: its text, blocks, attachments and files. The result is
 * mrkdwn as Slack's `text` is: escaped, with tokens for people, channels and links.
 */

const text = z.string().transform(cleanText).catch('');
const unknowns = z.array(z.unknown()).optional().catch(undefined);

const fileSchema = z.looseObject({
  name: text,
  title: text,
  mode: text,
  filetype: text,
  mimetype: text,
  subtype: text,
  // E-mails.
  subject: text,
  plain_text: text,
  from: z
    .array(z.looseObject({ name: text, address: text }))
    .optional()
    .catch(undefined),
  // Snippets, posts, canvases; `preview` may be HTML where there is a plain one beside it.
  preview: text,
  preview_plain_text: text,
  preview_is_truncated: z.boolean().optional().catch(undefined),
  // Pictures.
  alt_txt: text,
  // Voice and video clips; it may come later than the message.
  transcription: z
    .looseObject({
      preview: z
        .looseObject({ content: text, has_more: z.boolean().optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const attachmentSchema = z.looseObject({
  is_share: z.boolean().optional().catch(undefined),
  is_msg_unfurl: z.boolean().optional().catch(undefined),
  from_url: z.string().optional().catch(undefined),
  author_name: text,
  pretext: text,
  title: text,
  text: text,
  fallback: text,
  image_url: text,
  footer: text,
  fields: z
    .array(z.looseObject({ title: text, value: text }))
    .optional()
    .catch(undefined),
  blocks: unknowns,
  // The message that somebody forwarded.
  message_blocks: z
    .array(z.looseObject({ message: z.looseObject({ blocks: unknowns }) }))
    .optional()
    .catch(undefined),
  files: z.array(fileSchema).optional().catch(undefined),
});

/** The parts of a message that have words. */
export const wordedSchema = z.looseObject({
  text,
  blocks: unknowns,
  attachments: z.array(attachmentSchema).optional().catch(undefined),
  files: z.array(fileSchema).optional().catch(undefined),
});

type File = z.infer<typeof fileSchema>;
type Attachment = z.infer<typeof attachmentSchema>;

/** What Slack puts in the place of words that it does not show there. */
const PLACEHOLDERS = new Set([
  "This content can't be displayed.",
  'This message contains interactive elements.',
  '[no preview available]',
]);

const orNothing = (words: string): string => (PLACEHOLDERS.has(words.trim()) ? '' : words);

/**
 * Everything that people see of a message, each part once. Names of files are included, because they
 * are often all that is said about a file. Link previews and the labels of buttons are left out,
 * because nobody says them.
 */
export function gatherWords(message: z.infer<typeof wordedSchema>): string {
  const own = mergeWords(orNothing(message.text), linesOfBlocks(message.blocks));
  const ownWords = splitWords(own.join('\n'));
  const lines = new Set(own.flatMap((part) => part.split('\n')));
  const isSaid = (part: string) => lines.has(part) || repeats(ownWords, splitWords(part));
  const parts = [...own];
  const files: File[] = [];
  const kinds: Parameters<typeof noteWordless>[0] = [];
  for (const attachment of message.attachments ?? []) {
    const forwarded = Boolean(attachment.is_share || attachment.is_msg_unfurl);
    if (attachment.from_url && !forwarded) continue;
    const body = partsOfAttachment(attachment, forwarded).filter((part) => !isSaid(part));
    if (body.length > 0) parts.push(`${forwarded ? 'Forwarded: ' : ''}${body.join('\n')}`);
    files.push(...(attachment.files ?? []));
    if (attachment.image_url) kinds.push('picture');
  }
  files.push(...(message.files ?? []));
  const said = parts.some(Boolean) || files.some((file) => saysMore(file));
  const note = said ? undefined : noteWordless([...kinds, ...files.map(kindOfFile)]);
  return [...parts, ...files.flatMap(partsOfFile), note].filter(Boolean).join('\n');
}

/** Whether a file has more words than a name that nobody chose. */
const saysMore = (file: File): boolean =>
  partsOfFile(file).length > 1 || !isGivenTitle(file.title || file.name);

/** The e-mail that a message brings: Slackbot posts those that are sent to a channel. */
export const findEmail = ({ files }: z.infer<typeof wordedSchema>): File | undefined =>
  files?.find(({ mode, filetype }) => mode === 'email' || filetype === 'email');

/** @param forwarded then its author and footer are Slack's: who wrote it, and where */
function partsOfAttachment(attachment: Attachment, forwarded: boolean): string[] {
  const { author_name, pretext, title, fields = [], footer, fallback } = attachment;
  const messages = (attachment.message_blocks ?? []).flatMap(({ message }) => message.blocks ?? []);
  const body = mergeWords(
    [pretext, title, orNothing(attachment.text)].filter(Boolean).join('\n'),
    linesOfBlocks([...(attachment.blocks ?? []), ...messages]),
  );
  const pairs = fields.map((field) => [field.title, field.value].filter(Boolean).join(': '));
  const parts = forwarded
    ? [...body, ...pairs]
    : [author_name, ...body, ...pairs, footer].filter(Boolean);
  return parts.length > 0 ? parts : [orNothing(fallback)].filter(Boolean);
}

function partsOfFile(file: File): string[] {
  const title = file.title || file.name || 'unnamed';
  const { preview } = file.transcription ?? {};
  const content = file.plain_text || file.preview_plain_text || file.preview;
  return [
    `[file: ${escapeMrkdwn(title)}]`,
    ...[
      file.subject === title ? '' : file.subject,
      content && file.preview_is_truncated ? `${content} …` : content,
      preview?.has_more ? `${preview.content} …` : (preview?.content ?? ''),
      file.alt_txt === title ? '' : file.alt_txt,
    ]
      .filter(Boolean)
      .map(escapeMrkdwn),
  ];
}

/**
 * `text` and blocks show the same message twice: `text` as people typed it, or as the fallback for a
 * notification, whole, cut or short. Keeps what only one of them says.
 * @param lines of the blocks
 */
function mergeWords(said: string, lines: string[]): string[] {
  const saidWords = splitWords(said);
  const shown = splitWords(lines.join('\n'));
  if (lines.length === 0 || (said !== '' && covers(saidWords, shown))) return [said];
  if (covers(shown, saidWords)) return lines;
  const own = said.split('\n').filter((line) => line && !contains(shown, splitWords(line)));
  const ownWords = splitWords(own.join('\n'));
  const others = lines.filter((line) => own.length === 0 || !contains(ownWords, splitWords(line)));
  return [...own, ...others];
}

/** `*`, `_`, `~` and backquotes format mrkdwn; numbers and bullets begin the items of a list. */
const FORMATTING = /[*_~`]|^[^\S\n]*(?:\d+\.|[•◦▪-])\s+|^[ \t]+[a-z]{1,4}\.[ \t]+/gmu;

/** Words, and signs such as emoji; no punctuation. A word that was cut off (`expo…`) is left out. */
const WORD =
  /(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}\p{M}]+(?![\p{L}\p{N}\p{M}]|…|\.\.\.)|[^\s\p{L}\p{N}\p{M}\p{P}]/gu;

function splitWords(mrkdwn: string): string[] {
  const plain = mrkdwn
    // A token counts by its target, whatever its label.
    .replace(/<([@#!][^<>|]*)(?:\|[^<>]*)?>/g, ' $1 ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/^[^\S\n]*> ?/gm, '')
    .replace(/```/g, '\n')
    .replace(FORMATTING, '');
  return plain.match(WORD) ?? [];
}

/** Whether others have all of these words, in any order. */
function covers(all: string[], some: string[]): boolean {
  const left = new Map<string, number>();
  for (const word of all) left.set(word, (left.get(word) ?? 0) + 1);
  return some.every((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  });
}

/** Whether words stand somewhere in others, one after another. */
const contains = (all: string[], some: string[]): boolean =>
  ` ${all.join(' ')} `.includes(` ${some.join(' ')} `) || some.length === 0;

/** One or two words that occur elsewhere as well are no repetition. */
const repeats = (all: string[], some: string[]): boolean => some.length > 2 && contains(all, some);

/** Nobody nests blocks like this, and the walk must not exhaust the stack. */
const DEEPEST = 50;

function linesOfBlocks(blocks: unknown): string[] {
  return linesOf(blocks, 0)
    .map((line) => cleanText(line).trim())
    .filter(Boolean);
}

/** Their children make one line. */
const INLINE = new Set(['rich_text_section', 'rich_text_preformatted', 'rich_text_quote']);

/** The keys of a block, known or newer than this code, that have words, or parts that have words. */
const WORDED = [
  ...['title', 'subtitle', 'text', 'label', 'author_name', 'provider_name', 'description', 'body'],
  ...['alt_text', 'caption', 'content', 'footer', 'hint'],
];
const PARTS = [
  ...['elements', 'fields', 'rows', 'columns', 'cells', 'items', 'blocks', 'slides', 'cards'],
  'accessory',
];

function linesOf(node: unknown, depth: number): string[] {
  if (depth > DEEPEST || typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((child) => linesOf(child, depth + 1));
  const part = node as Record<string, unknown>;
  // Buttons, selects and other controls.
  if (typeof part.action_id === 'string') return [];
  const inline = readInline(part);
  if (inline !== undefined) return [inline];
  if (INLINE.has(String(part.type))) return [linesOf(part.elements, depth + 1).join('')];
  const lines = [
    ...WORDED.flatMap((key) => {
      const value = part[key];
      return typeof value === 'string' ? [escapeMrkdwn(value)] : linesOf(value, depth + 1);
    }),
    ...PARTS.flatMap((key) => linesOf(part[key], depth + 1)),
  ];
  // A picture's title is often its alternative text too.
  return part.type === 'image' ? [...new Set(lines)] : lines;
}

/** Text, and the elements of rich text. @returns undefined for everything else */
function readInline(part: Record<string, unknown>): string | undefined {
  const read = (key: string): string => (typeof part[key] === 'string' ? String(part[key]) : '');
  switch (part.type) {
    // Text in mrkdwn is escaped, as in a message; elsewhere it is not.
    case 'mrkdwn':
      return read('text');
    case 'text':
    case 'plain_text':
    case 'raw_text':
      return escapeMrkdwn(read('text'));
    case 'raw_number':
      return String(part.value ?? part.text ?? '');
    case 'link':
      return readLink(read('url'), escapeMrkdwn(read('text')));
    case 'user':
      return `<@${read('user_id')}>`;
    case 'usergroup':
      return `<!subteam^${read('usergroup_id')}>`;
    case 'channel':
      return `<#${read('channel_id')}>`;
    case 'broadcast':
      return `<!${read('range')}>`;
    case 'emoji':
      return `:${read('name')}:`;
    case 'color':
      return read('value');
    case 'date':
      return escapeMrkdwn(read('fallback')) || `<!date^${part.timestamp}^${read('format')}>`;
    default:
      return undefined;
  }
}

function readLink(url: string, label: string): string {
  const target = url.replace(/[<>|]/g, encodeURIComponent);
  return label && label !== url ? `<${target}|${label.replace(/\|/g, '¦')}>` : `<${target}>`;
}
