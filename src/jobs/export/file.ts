import { type FileHandle, open } from 'node:fs/promises';
import { cleanText, toPlainText } from '../../core/text.ts';
import { permalink } from '../../core/timestamps.ts';
import type { Db } from '../../store/db/tables.ts';
import { type Export, type ExportedMessage, readExported } from '../../store/export/exports.ts';
import { createPause } from '../slices.ts';

/**
 * The file of an export, written page by page: only one page is in memory, and others can use the
 * database in between.
 */

const PAGE = 50;

interface Context {
  workspaceUrl: string;
  channelName: string | null;
  nameOf: (user: string) => string | undefined;
}

type Row = Record<(typeof COLUMNS)[number], string | number | null>;

/** In this order. Times are ISO and UTC. */
const COLUMNS = [
  'channel',
  'ts',
  'link',
  'posted_at',
  'author',
  'text',
  'state',
  'category',
  'sentiment',
  'urgency',
  'gist',
  'language',
  'confidence',
  'theme',
  'flag',
  'flag_by',
  'corrected_by',
  'model',
  'taxonomy',
  'judged_at',
  'dismissed_as',
  'duplicate_of',
  'also',
] as const;

/** @returns how many messages it holds */
export async function writeExport(
  db: Db,
  file: string,
  scope: Pick<Export, 'channel' | 'since' | 'format'>,
  context: Context,
): Promise<number> {
  const handle = await open(file, 'wx', 0o600);
  try {
    return await writePages(db, handle, scope, context);
  } finally {
    await handle.close();
  }
}

async function writePages(
  db: Db,
  handle: FileHandle,
  scope: Pick<Export, 'channel' | 'since' | 'format'>,
  context: Context,
): Promise<number> {
  const { head, page: toText, tail } = await FORMATS[scope.format]();
  const pause = createPause();
  let messages = 0;
  let after = '';
  await handle.appendFile(head);
  for (;;) {
    const page = await readExported(db, scope, after, PAGE);
    const last = page.at(-1);
    if (!last) break;
    const rows = page.map((message) => toRow(message, context));
    await handle.appendFile(toText(rows, messages === 0));
    messages += page.length;
    after = last.ts;
    await pause();
  }
  await handle.appendFile(tail);
  return messages;
}

interface Format {
  head: string;
  page: (rows: Row[], first: boolean) => string;
  tail: string;
}

const FORMATS: Record<Export['format'], () => Promise<Format>> = {
  csv: async () => {
    const { stringify } = await import('csv-stringify/sync');
    return {
      // Without the mark Excel does not read UTF-8.
      head: `\uFEFF${COLUMNS.join(',')}\r\n`,
      page: (rows) =>
        stringify(rows, {
          columns: [...COLUMNS],
          record_delimiter: 'windows',
          quote_record_delimiter: true,
          // A spreadsheet would run a message that begins like a formula.
          escape_formulas: true,
        }),
      tail: '',
    };
  },
  json: async () => ({
    head: '[',
    page: (rows, first) =>
      rows.map((row, n) => `${first && n === 0 ? '' : ','}\n${JSON.stringify(row)}`).join(''),
    tail: '\n]\n',
  }),
};

function toRow(message: ExportedMessage, context: Context): Row {
  const { channel, ts, threadTs, author, authorName } = message;
  const { workspaceUrl, channelName, nameOf } = context;
  const nameIfAny = (user: string | null) => (user === null ? null : (nameOf(user) ?? user));
  const plain = (words: string | null) => (words === null ? null : cleanText(words));
  return {
    channel: channelName ? `#${channelName}` : channel,
    ts,
    link: permalink(workspaceUrl, channel, ts, threadTs),
    posted_at: toIso(message.postedAt),
    author: (author && nameOf(author)) || plain(authorName) || author,
    text: toPlainText(message.text, nameOf),
    state: message.state === 'claimed' ? 'pending' : message.state,
    category: message.category,
    sentiment: message.sentiment,
    urgency: message.urgency,
    gist: message.gist,
    language: message.language,
    confidence: message.confidence,
    theme: message.theme,
    flag: message.flag === 'withdrawn' ? null : message.flag,
    flag_by: message.flag === 'withdrawn' ? null : nameIfAny(message.flagBy),
    corrected_by: nameIfAny(message.person),
    model: message.model,
    taxonomy: message.taxonomyVersion,
    judged_at: message.judgedAt === null ? null : toIso(message.judgedAt),
    dismissed_as: message.dismissedAs,
    duplicate_of:
      message.duplicateOf === null
        ? null
        : permalink(workspaceUrl, channel, message.duplicateOf, null),
    also: message.also,
  };
}

const toIso = (ms: number) => new Date(ms).toISOString();
