import type { Generated } from 'kysely';

export interface IntakeTables {
  channels: {
    id: string;
    name: string | null;
    state: 'member' | 'left';
    since_ts: string | null;
    swept_ts: string | null;
    swept_at: Generated<number | null>;
    invited_by: string | null;
    offer: 'none' | 'due' | 'made' | 'answered';
  };
  channel_ids: { former: string; id: string; changed_at: number };
  users: {
    id: string;
    name: string | null;
    fetched_at: number | null;
    role: 'member' | 'guest' | 'foreign' | 'bot' | null;
    time_zone: string | null;
    locale: string | null;
  };
  members: { channel: string; user: string; seen_at: number };
  messages: {
    channel: string;
    ts: string;
    thread_ts: string | null;
    author: string | null;
    author_name: string | null;
    text: string;
    revision: number;
    edited_ts: string | null;
    posted_at: number;
    collected_at: number;
    deleted_at: number | null;
    state: 'pending' | 'claimed' | 'judged' | 'dead' | 'copy';
    run: number | null;
    tries: Generated<number>;
    trouble: string | null;
    verdict: number | null;
    digest: number | null;
    again: Generated<number>;
    first_digest: Generated<number | null>;
    bot: Generated<string | null>;
    reporter: Generated<string | null>;
    essence: Generated<string | null>;
    voice: Generated<string | null>;
    copy_of: Generated<string | null>;
    forgotten: Generated<number | null>;
  };
  unread: {
    channel: string;
    /** Empty: the history of the channel itself. */
    thread_ts: string;
    oldest: string;
    latest: string;
    look_back: number;
    own: number;
    asked_at: number;
  };
  file_changes: { file: string; heard_at: number };
  replies: {
    channel: string;
    ts: string;
    thread_ts: string;
    author: string | null;
    author_name: string | null;
    text: string;
    edited_ts: string | null;
    deleted_at: number | null;
    forgotten: Generated<number | null>;
  };
}
