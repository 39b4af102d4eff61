import { existsSync } from 'node:fs';
import { REPLIES_SHOWN } from '../../src/claude/prompt.ts';
import { type DatabasePlace, namePlace } from '../../src/core/database-place.ts';
import type { Taxonomy } from '../../src/core/runs/taxonomy.ts';
import { openReadOnly } from '../../src/store/db/open.ts';
import type { Db } from '../../src/store/db/tables.ts';
import { readNames } from '../../src/store/intake/users.ts';
import { listCorrected } from '../../src/store/people/examples.ts';
import { readSavedSettings } from '../../src/store/settings/settings.ts';
import { PlainError } from '../plain-error.ts';
import type { LabelledMessage } from './message.ts';

/** What the team has corrected and confirmed in its own database, which is only read. */
interface People {
  messages: LabelledMessage[];
  nameOf: (user: string) => string | undefined;
  /** The taxonomy that somebody saved in Slack, if it counts. */
  taxonomy: Taxonomy | undefined;
}

/** @throws PlainError when there is no such database, or nobody has corrected anything */
export async function readPeople(place: DatabasePlace): Promise<People> {
  if (place.kind !== 'sqlite') {
    throw new PlainError(
      `--people reads a database of SQLite, and DATABASE_URL is ${namePlace(place)}.`,
    );
  }
  const { file } = place;
  if (!existsSync(file)) {
    throw new PlainError(
      `There is no database at ${file} (DATABASE_URL). --people needs the bot's own; start it with npm start, and correct or confirm some categories in Slack.`,
    );
  }
  try {
    const db = openReadOnly(file);
    try {
      return await read(db, file);
    } finally {
      await db.destroy();
    }
  } catch (error) {
    if (error instanceof PlainError) throw error;
    throw new PlainError(
      `${file} (DATABASE_URL) cannot be read: ${(error as Error).message}.\nIf it is of an older version, start the bot once: it brings its tables up to date.`,
    );
  }
}

async function read(db: Db, file: string): Promise<People> {
  const corrected = await listCorrected(db, REPLIES_SHOWN);
  if (corrected.length === 0) {
    throw new PlainError(
      `Nobody has corrected or confirmed a category in ${file} yet.\nIn Slack, react to a message with the emoji of its category, or to its card with 👍; then run this again.`,
    );
  }
  const saved = await readSavedSettings(db);
  const content = saved?.content;
  return {
    messages: corrected.map(({ category, ...message }) => ({
      ...message,
      id: `${message.channel}/${message.ts}`,
      labels: [category],
    })),
    nameOf: await readNames(db),
    taxonomy: typeof content === 'object' ? content.taxonomy : undefined,
  };
}
