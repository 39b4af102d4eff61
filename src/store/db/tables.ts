import type { Kysely, Transaction } from 'kysely';
import type { DeliveryTables } from '../delivery/tables.ts';
import type { ExportTables } from '../export/tables.ts';
import type { HomeTables } from '../home/tables.ts';
import type { IntakeTables } from '../intake/tables.ts';
import type { PeopleTables } from '../people/tables.ts';
import type { PrivacyTables } from '../privacy/tables.ts';
import type { RunsTables } from '../runs/tables.ts';
import type { SearchTables } from '../search/tables.ts';
import type { SettingsTables } from '../settings/tables.ts';
import type { TextIndexTables } from '../text-index/tables.ts';
import type { ThemesTables } from '../themes/tables.ts';

/** All tables, column by column. The migrations say what each column means. */
export interface Tables
  extends DeliveryTables,
    ExportTables,
    HomeTables,
    IntakeTables,
    PeopleTables,
    PrivacyTables,
    RunsTables,
    SearchTables,
    SettingsTables,
    TextIndexTables,
    ThemesTables {
  /** In a file only: in PostgreSQL each row says whose it is. */
  workspace: { team: string };
}

export type Db = Kysely<Tables>;
/** A function that takes a Tx runs within its caller's transaction. */
export type Tx = Transaction<Tables>;
