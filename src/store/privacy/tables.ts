import type { Generated } from 'kysely';

export interface PrivacyTables {
  forgettings: {
    id: Generated<number>;
    kind: 'message' | 'person' | 'deleted' | 'old';
    channel: string | null;
    ts: string | null;
    person: string | null;
    name: string | null;
    by_name: number;
    before: number;
    by: string | null;
    asked_at: number;
    stage: 'erasing' | 'showing' | 'sealing' | 'emptying' | 'done';
    looked_at: Generated<number>;
    shown_at: number | null;
    messages: Generated<number>;
    replies: Generated<number>;
    ended_at: number | null;
  };
}
