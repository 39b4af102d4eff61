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
