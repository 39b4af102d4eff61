import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GIST_LENGTH } from '../../src/core/runs/verdict.ts';
import { cleanText, escapeMrkdwn, shorten } from '../../src/core/text.ts';
import { PlainError } from '../plain-error.ts';
import type { LabelledMessage } from './message.ts';

/** Labelled messages from a JSONL file, one a line: `{"text": …, "label": …, "also": …, "id": …}`. */

const label = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const rowSchema = z.looseObject({
  text: z.string(),
  label: z.union([label, z.array(label).min(1)]),
  also: label.optional(),
  id: label.optional(),
  /** What the message says in one line; only grouping uses it. */
  gist: z.string().trim().min(1).optional(),
});

/** A channel and times that name the messages in requests; the times are no times. */
const CHANNEL = 'C0EVAL';
export const FIRST_TS = 1_700_000_000;

/** @throws PlainError when the file cannot be read, a line is wrong, or nothing is in it */
export function readData(file: string): (LabelledMessage & { gist: string | null })[] {
  const known = new Map<string, string>();
  return readLines(file).map(({ line, number }) => {
    const where = `${path.basename(file)}, line ${number}`;
    const parsed = rowSchema.safeParse(readJson(line, where));
    if (!parsed.success) {
      throw new PlainError(
        `${where}: it needs a "text" and a "label", which is a word or a list of words.\nFor instance: {"text": "The export fails", "label": "bug"}`,
      );
    }
    const { text, label: labels, also, id = `line-${number}`, gist } = parsed.data;
    const before = known.get(id);
    if (before) {
      throw new PlainError(
        `${where}: the id "${id}" stands in ${before} already. Make the ids unique, or leave them out.`,
      );
    }
    known.set(id, where);
    return {
      id,
      channel: CHANNEL,
      ts: `${FIRST_TS + number}.000000`,
      // What stands in a file is no markup of Slack's.
      text: escapeMrkdwn(cleanText(text)),
      replies: [],
      labels: [labels].flat(),
      also,
      gist: gist === undefined ? null : shorten(cleanText(gist), GIST_LENGTH),
    };
  });
}

/** The lines of a file that are not empty. @throws PlainError */
function readLines(file: string): { line: string; number: number }[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PlainError(`${file} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
  const lines = content
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '');
  if (lines.length === 0) {
    throw new PlainError(
      `${file} is empty. It has to have one JSON object a line, such as {"text": "The export fails", "label": "bug"}`,
    );
  }
  return lines;
}

/** @param where for the words of the error @throws PlainError */
export function readJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new PlainError(`${where}: this is not JSON: ${line.slice(0, 60)}`);
  }
}
