import { sql } from 'kysely';
import type { Db, Tx } from '../db/tables.ts';

/** Messages in themes, with the verdict that counts for each. */
export const selectMembers = (db: Db | Tx) =>
  db
    .selectFrom('theme_members')
    .innerJoin('messages', (join) =>
      join
        .onRef('messages.channel', '=', 'theme_members.channel')
        .onRef('messages.ts', '=', 'theme_members.ts'),
    )
    .innerJoin('verdicts', 'verdicts.id', 'messages.verdict');

/** Whose voice a message is: people are counted by it. What nobody is known to say is a voice each time. */
export const VOICE = sql<string>`coalesce(messages.voice, messages.ts)`;
