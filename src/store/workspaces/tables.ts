import type { Generated, Kysely, Transaction } from 'kysely';

/** The tables of the control database. The migration says what each column means. */
export interface ControlTables {
  installations: {
    id: string;
    enterprise: string | null;
    is_org: number;
    app: string;
    bot_id: string | null;
    bot_user: string;
    bot_token: string | null;
    refresh_token: string | null;
    expires_at: number | null;
    scopes: string;
    installed_by: string;
    installed_at: number;
    ended_at: number | null;
    ended_why: string | null;
  };
  workspaces: {
    team: string;
    installation: string;
    name: string | null;
    url: string | null;
    anthropic_key: string | null;
    key_changes: number | null;
    added_at: number;
    ended_at: number | null;
    budget: string | null;
    writes_per_hour: Generated<number>;
  };
  inbox: {
    id: string;
    team: string;
    received_at: number;
    expires_at: number | null;
    envelope: string;
    answer: string | null;
    answered_at: number | null;
  };
}

export type ControlDb = Kysely<ControlTables>;
/** A function that takes a ControlTx runs within its caller's transaction. */
export type ControlTx = Transaction<ControlTables>;
