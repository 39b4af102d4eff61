import type { Generated } from 'kysely';

export interface ExportTables {
  exports: {
    id: Generated<number>;
    channel: string;
    user: string;
    format: 'csv' | 'json';
    since: number | null;
    state: 'asked' | 'sending' | 'accepted' | 'done' | 'failed';
    messages: number | null;
    file: string | null;
    im: string | null;
    attempts: Generated<number>;
    next_at: number;
    trouble: string | null;
    asked_at: number;
    ended_at: number | null;
    accepted_at: Generated<number | null>;
  };
}
