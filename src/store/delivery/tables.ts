import type { Generated } from 'kysely';

export interface DeliveryTables {
  outbox: {
    id: Generated<number>;
    key: string;
    lane: string;
    channel: string;
    priority: number;
    effect: string;
    parent: string | null;
    about: string | null;
    state: 'waiting' | 'sending' | 'done' | 'dead';
    attempts: Generated<number>;
    next_at: number;
    sending_since: number | null;
    posted_ts: string | null;
    trouble: string | null;
    created_at: number;
    ended_at: number | null;
    needs: Generated<'post' | 'reply' | 'update' | 'reaction' | null>;
    emoji: Generated<string | null>;
  };
  holds: {
    needs: 'post' | 'reply' | 'update' | 'reaction' | 'emoji';
    channel: string;
    emoji: string;
    reason: string;
    since: number;
    tries: number;
    try_at: number | null;
  };
}
