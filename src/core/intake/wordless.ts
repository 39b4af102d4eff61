/**
 * Posts that only show something: a picture or a clip without a word. They are stored and shown as
 * such, and are never noise by themselves.
 */

/** What of a file says what it is. */
export interface Shown {
  title: string;
  name: string;
  mimetype: string;
  filetype: string;
  subtype: string;
}

const NOTES = { picture: '(a picture without words)', clip: '(a clip without words)' };

const FILE_LINE = /^\[file: .*\]$/;
const PICTURE_TYPE = /^(?:png|jpe?g|gif|webp|heic|heif|bmp|tiff?|svg|avif)$/i;
const CLIP_TYPE = /^(?:mp4|m4v|mov|webm|avi|mkv|m4a|mp3|wav|ogg|aac|opus)$/i;
const EXTENSION = /\.([a-z0-9]{2,4})$/i;

export function kindOfFile(file: Shown): keyof typeof NOTES | undefined {
  const { mimetype, subtype } = file;
  const [, extension = ''] = EXTENSION.exec(file.name) ?? [];
  const is = (start: string, type: RegExp) =>
    mimetype.startsWith(start) || type.test(file.filetype) || (!mimetype && type.test(extension));
  if (is('image/', PICTURE_TYPE)) return 'picture';
  const clip = subtype === 'slack_audio' || subtype === 'slack_video';
  return clip || is('video/', CLIP_TYPE) || is('audio/', CLIP_TYPE) ? 'clip' : undefined;
}

/** Titles that devices and Slack give, such as `image.png` or `Screenshot 2026-11-22 at 10.45`. */
const GIVEN =
  /\.[a-z0-9]{2,4}$|^(?:image|img|photo|picture|screen ?shot|screen recording|bildschirmfoto|capture|clipboard|video|audio|voice|clip|untitled|unnamed|dsc|pxl|file)(?:[\s_.\-:()\d]|at|from|message|clip|uhr|am|pm)*$/i;

/** Whether the title of a file says nothing of what it shows. */
export const isGivenTitle = (title: string): boolean => GIVEN.test(title.trim());

/** The line that says that there are no words; undefined when nothing is shown either. */
export function noteWordless(kinds: (keyof typeof NOTES | undefined)[]): string | undefined {
  if (kinds.includes('picture')) return NOTES.picture;
  return kinds.includes('clip') ? NOTES.clip : undefined;
}

/** Whether a stored text is that of a picture or a clip without words. */
export function isWordless(text: string): boolean {
  const lines = text.split('\n');
  const note = lines.pop() ?? '';
  return Object.values(NOTES).includes(note) && lines.every((line) => FILE_LINE.test(line));
}
