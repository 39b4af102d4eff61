import { parseSince } from '../../core/since.ts';
import { escapeMrkdwn } from '../../core/text.ts';
import type { Context } from '../../jobs/context.ts';
import { findPerson } from '../../jobs/intake/names.ts';
import { askExport, countExported, type Export } from '../../store/export/exports.ts';
import type { Asked, Subcommand } from './asked.ts';
import { findNearest } from './nearest.ts';
import { COMMAND, count, quoteTyped } from './wording.ts';

/** `/classify-feedback export csv|json [since]`: commits the request; a job prepares the file. */

const FORMATS: Record<Export['format'], readonly string[]> = {
  csv: ['xls', 'xlsx', 'excel', 'sheet', 'spreadsheet', 'table', 'file'],
  json: ['jsonl', 'jsonlines', 'ndjson', 'js'],
};

const SINCE: Record<string, readonly string[]> = {
  '7d': ['week', '1w', 'weekly', '7'],
  '30d': ['month', '1m', 'monthly', '30'],
  today: ['day', 'now', '24h'],
};

export const exportCommand: Subcommand = {
  group: 'look',
  usage: '[csv | json] [since]',
  help: 'every message with its classification, as a file visible only to you',
  example: 'csv 30d',
  also: ['download', 'csv', 'json', 'dump'],
  changes: true,
  answer: answerExport,
};

async function answerExport(context: Context, asked: Asked): Promise<string> {
  const { db, clock } = context;
  const { channel, user } = asked;
  const words = asked.rest.split(/\s+/).filter(Boolean);
  const [typed = 'csv', since, ...more] = words;
  const format = typed.toLowerCase();
  if (!isFormat(format)) return renderUnknown(typed, FORMATS, '', 'csv 30d');
  if (more.length > 0) return `That is more than I understand. For instance: ${code('csv 30d')}`;
  const reader = await findPerson(context, user);
  const from = since === undefined ? null : parseSince(since, clock.now(), reader.timeZone);
  if (from === undefined) {
    return renderUnknown(since ?? '', SINCE, `${format} `, `${format} 2026-11-01`);
  }
  const scope = { channel, since: from };
  const messages = await countExported(db, scope);
  if (messages === 0) return 'There are no messages to export.';
  const isNew = await db
    .transaction()
    .execute((tx) => askExport(tx, { ...scope, user, format }, clock.now()));
  if (!isNew) {
    return 'I am preparing an export of this channel for you already. When you have it, ask for another one.';
  }
  return `Preparing ${count(messages, 'message', reader)} as ${format.toUpperCase()}; you will get ${messages === 1 ? 'it' : 'them'} in a direct message.`;
}

const isFormat = (word: string): word is Export['format'] => Object.hasOwn(FORMATS, word);

const code = (rest: string) => `\`${COMMAND} export ${escapeMrkdwn(rest)}\``;

function renderUnknown(
  typed: string,
  known: Record<string, readonly string[]>,
  before: string,
  example: string,
): string {
  const nearest = findNearest(typed, known);
  const unknown = `Unknown option ${quoteTyped(typed)}.`;
  if (nearest) return `${unknown} Did you mean ${code(`${before}${nearest}`)}?`;
  return `${unknown} For instance: ${code(example)}`;
}
