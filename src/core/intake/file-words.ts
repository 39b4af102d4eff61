import { z } from 'zod';
import { cleanText, escapeMrkdwn } from '../text.ts';
import { isGivenTitle } from './wordless.ts';

/** The words of a file: an e-mail, a snippet, a canvas, a picture, a clip. */

const text = z.string().transform(cleanText).catch('');

export const fileSchema = z.looseObject({
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

export type File = z.infer<typeof fileSchema>;

/** Whether a file has more words than a name that nobody chose. */
export const saysMore = (file: File): boolean =>
  partsOfFile(file).length > 1 || !isGivenTitle(file.title || file.name);

/** @returns its name, then what it says */
export function partsOfFile(file: File): string[] {
  const title = file.title || file.name || 'unnamed';
  const { preview: spoken } = file.transcription ?? {};
  const preview = file.preview_plain_text || readPreview(file);
  return [
    `[file: ${escapeMrkdwn(title)}]`,
    ...[
      file.subject === title ? '' : file.subject,
      file.plain_text || (preview && file.preview_is_truncated ? `${preview} …` : preview),
      spoken?.has_more ? `${spoken.content} …` : (spoken?.content ?? ''),
      file.alt_txt === title ? '' : file.alt_txt,
    ]
      .filter(Boolean)
      .map(escapeMrkdwn),
  ];
}

/** Slack's own documents and e-mails have HTML as their preview; a snippet of HTML is code. */
const MARKED_UP = /^(?:email|space|quip|canvas|list)$/;

const readPreview = ({ mode, filetype, preview }: File): string =>
  MARKED_UP.test(mode) || MARKED_UP.test(filetype) ? readHtml(preview) : preview;

const ENDS_LINE = /<(?:br|\/(?:p|div|h\d|li|tr|blockquote|pre))\b[^<>]*>/gi;
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** What HTML says. */
function readHtml(html: string): string {
  const said = html
    .replace(/<(style|script)\b[^<>]*>[\s\S]*?<\/\1>/gi, '')
    .replace(ENDS_LINE, '\n')
    .replace(/<\/?[a-z][^<>]*>|<!--[\s\S]*?-->/gi, '')
    .replace(/&(?:#(\d{1,7})|([a-z]+));/gi, (entity, code?: string, name = '') => {
      if (code === undefined) return ENTITIES[name.toLowerCase()] ?? entity;
      return Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : '';
    });
  const lines = cleanText(said).split('\n');
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
