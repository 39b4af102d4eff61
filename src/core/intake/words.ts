import { z } from 'zod';
import { cleanText } from '../text.ts';
import { hasPicture, linesOfBlocks } from './block-words.ts';
import { type File, fileSchema, partsOfFile, saysMore } from './file-words.ts';
import { isGivenTitle, kindOfFile, noteWordless } from './wordless.ts';

/**
 * Gathers every place where a message has words: its text, blocks, attachments and files. The result is
 * mrkdwn as Slack's `text` is: escaped, with tokens for people, channels and links.
 */

const text = z.string().transform(cleanText).catch('');
const unknowns = z.array(z.unknown()).optional().catch(undefined);

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
  thumb_url: text,
  footer: text,
  fields: z
    .array(z.looseObject({ title: text, value: text }))
    .optional()
    .catch(undefined),
  blocks: unknowns,
  // The message that somebody forwarded.
  message_blocks: z
    .array(
      z.looseObject({
        message: z.looseObject({
          text,
          blocks: unknowns,
          attachments: unknowns,
          files: z.array(fileSchema).optional().catch(undefined),
        }),
      }),
    )
    .optional()
    .catch(undefined),
  attachments: unknowns,
  files: z.array(fileSchema).optional().catch(undefined),
});

/** The parts of a message that have words. */
export const wordedSchema = z.looseObject({
  text,
  blocks: unknowns,
  attachments: z.array(attachmentSchema).optional().catch(undefined),
  files: z.array(fileSchema).optional().catch(undefined),
});

type Attachment = z.infer<typeof attachmentSchema>;

/** What Slack puts in the place of words that it does not show there. */
const PLACEHOLDER =
  /^\s*(?:this content can['’]t be displayed|this message contains interactive elements|\[no preview available\])\.?\s*$/i;

/** Without the lines that Slack put there. */
const withoutPlaceholders = (words: string): string =>
  words
    .split('\n')
    .filter((line) => !PLACEHOLDER.test(line))
    .join('\n');

/**
 * Everything that people see of a message, each part once. Names of files are included, because they
 * are often all that is said about a file. Link previews and the labels of buttons are left out,
 * because nobody says them.
 */
export function gatherWords(message: z.infer<typeof wordedSchema>): string {
  const own = mergeWords(withoutPlaceholders(message.text), linesOfBlocks(message.blocks));
  const isNews = createFilter(own);
  const quoted = readAttachments(message.attachments ?? []);
  const parts = [...own];
  for (const { body, forwarded } of quoted.texts) {
    const news = body.filter(isNews);
    if (news.length > 0) parts.push(`${forwarded ? 'Forwarded: ' : ''}${news.join('\n')}`);
  }
  const files = [...quoted.files, ...(message.files ?? [])];
  const shown = quoted.showsPicture || hasPicture(message.blocks) ? ['picture' as const] : [];
  const note = noteWordless([...shown, ...files.map(kindOfFile)]);
  const lines = parts.flatMap((part) => part.split('\n')).filter(Boolean);
  // A picture in a block or an attachment has a title that nobody chose, as a file has.
  const named = shown.length > 0 && message.text === '' && lines.every(isGivenTitle);
  if (note && (named || lines.length === 0) && !files.some(saysMore)) {
    const names = lines.map((line) => `[file: ${line}]`);
    return [...names, ...files.flatMap(partsOfFile), note].join('\n');
  }
  const ofFiles = files.flatMap((file) => {
    const [name, ...said] = partsOfFile(file);
    return [name, ...said.filter(isNews)];
  });
  return [...parts, ...ofFiles].filter(Boolean).join('\n');
}

/**
 * Finds what was said before: by the message itself, anywhere in it, or by another part, as a whole.
 * One or two words that occur elsewhere as well are no repetition.
 */
function createFilter(own: string[]): (part: string) => boolean {
  const ownWords = splitWords(own.join('\n'));
  const lines = new Set(own.flatMap((part) => part.split('\n')));
  const before = new Set<string>();
  return (part) => {
    const words = splitWords(part);
    const key = words.length > 2 ? words.join(' ') : '';
    if (lines.has(part) || before.has(key) || (key && contains(ownWords, words))) return false;
    if (key) before.add(key);
    return true;
  };
}

/** The e-mail that a message brings: Slackbot posts those that are sent to a channel. */
export const findEmail = ({ files }: z.infer<typeof wordedSchema>): File | undefined =>
  files?.find(({ mode, filetype }) => mode === 'email' || filetype === 'email');

interface Quoted {
  texts: { body: string[]; forwarded: boolean }[];
  files: File[];
  showsPicture: boolean;
}

/** A forwarded message that is forwarded again is an attachment of an attachment. */
const DEEPEST = 10;

function readAttachments(attachments: Attachment[], depth = 0): Quoted {
  const quoted: Quoted = { texts: [], files: [], showsPicture: false };
  for (const attachment of depth < DEEPEST ? attachments : []) {
    const forwarded = Boolean(attachment.is_share || attachment.is_msg_unfurl);
    if (attachment.from_url && !forwarded) continue;
    const messages = (attachment.message_blocks ?? []).map(({ message }) => message);
    const inside = [attachment, ...messages].flatMap((part) => part.attachments ?? []);
    const inner = readAttachments(
      inside.flatMap((raw) => attachmentSchema.safeParse(raw).data ?? []),
      depth + 1,
    );
    const body = partsOfAttachment(attachment, forwarded, inner.texts.length > 0);
    quoted.texts.push({ body, forwarded }, ...inner.texts);
    const files = [attachment, ...messages].flatMap((part) => part.files ?? []);
    quoted.files.push(...files, ...inner.files);
    quoted.showsPicture ||= inner.showsPicture || showsPicture(attachment);
  }
  return quoted;
}

const showsPicture = ({ image_url, thumb_url, blocks, message_blocks = [] }: Attachment): boolean =>
  Boolean(image_url || thumb_url) ||
  hasPicture(blocks) ||
  message_blocks.some(({ message }) => hasPicture(message.blocks));

/**
 * @param forwarded then its author and footer are Slack's: who wrote it, and where
 * @param saysMore whether it has attachments of its own: then its fallback repeats them
 */
function partsOfAttachment(
  attachment: Attachment,
  forwarded: boolean,
  saysMore: boolean,
): string[] {
  const { author_name, pretext, title, fields = [], footer, fallback } = attachment;
  const said = [pretext, title, attachment.text].map(withoutPlaceholders).filter(Boolean);
  const messages = (attachment.message_blocks ?? []).flatMap(({ message }) =>
    mergeWords(withoutPlaceholders(message.text), linesOfBlocks(message.blocks)),
  );
  const lines = messages.flatMap((part) => part.split('\n')).filter(Boolean);
  const body = mergeWords(said.join('\n'), [...linesOfBlocks(attachment.blocks), ...lines]);
  const pairs = fields.map((field) => [field.title, field.value].filter(Boolean).join(': '));
  const parts = (forwarded ? [...body, ...pairs] : [author_name, ...body, ...pairs, footer]).filter(
    Boolean,
  );
  if (parts.length > 0) return parts;
  return saysMore ? [] : [withoutPlaceholders(fallback)].filter(Boolean);
}

/**
 * `text` and blocks show the same message twice: `text` as people typed it, or as the fallback for a
 * notification, whole, cut or short. Keeps what only one of them says.
 * @param all the lines of the blocks
 */
function mergeWords(said: string, all: string[]): string[] {
  const lines = all.filter((line) => !PLACEHOLDER.test(line));
  const saidWords = splitWords(said);
  const shown = splitWords(lines.join('\n'));
  if (lines.length === 0 || (said !== '' && covers(saidWords, shown))) return [said];
  if (covers(shown, saidWords)) return lines;
  const own = said.split('\n').filter((line, n, all) => {
    const words = splitWords(line);
    return line && !contains(shown, words) && !(n === all.length - 1 && isCutOf(shown, line));
  });
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

/** How a text ends that was cut: `expo…`, `expo... (more)` */
const CUT = /\s*(?:…|\.\.\.)?\s*[([]?(?:…|\.\.\.|(?:read |show |see )?more)?[)\]]?\s*$/i;

/** Whether a line is the beginning of what others say, cut even within a word. */
function isCutOf(all: string[], line: string): boolean {
  const some = splitWords(line.replace(CUT, ''));
  return some.length > 2 && ` ${all.join(' ')}`.includes(` ${some.join(' ')}`);
}
