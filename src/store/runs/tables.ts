import type { Generated } from 'kysely';

export interface RunsTables {
  taxonomies: { version: Generated<number>; content: string; created_at: number };
  runs: {
    id: Generated<number>;
    channel: string;
    stage: 'claiming' | 'judging' | 'done';
    cause: 'command' | 'schedule';
    requested_by: string | null;
    with_digest: number;
    taxonomy_version: number;
    model: string;
    claim_until: number;
    created_at: number;
    ended_at: number | null;
    canceled_by: string | null;
    trouble: string | null;
    stale_since: number | null;
    stale_at: number | null;
    expected_messages: Generated<number>;
    expected_nano_usd: number | null;
    published_at: number | null;
    written: Generated<number>;
  };
  batches: {
    id: Generated<number>;
    run: number;
    stage: 'filling' | 'ready' | 'submitting' | 'submitted' | 'ended' | 'collected';
    claude_id: string | null;
    adopted: Generated<number>;
    cancel_asked: Generated<number>;
    submitted_at: number | null;
    ended_at: number | null;
    next_at: number;
    attempts: Generated<number>;
    input_tokens: Generated<number>;
    output_tokens: Generated<number>;
    nano_usd: Generated<number | null>;
  };
  foreign_batches: { claude_id: string };
  requests: {
    batch: number;
    channel: string;
    ts: string;
    revision: number;
    outcome: string | null;
    examples: string | null;
    again: Generated<number>;
    themes: Generated<string | null>;
  };
  verdicts: {
    id: Generated<number>;
    channel: string;
    ts: string;
    revision: number;
    run: number;
    taxonomy_version: number;
    category: string;
    emoji: string | null;
    sentiment: string;
    urgency: string;
    gist: string;
    language: string;
    confidence: number;
    flagged: number;
    model: string;
    created_at: number;
    person: string | null;
    theme: Generated<number | null>;
  };
  rejudgements: {
    settings: number;
    channel: string;
    since_ts: string;
    marked_ts: string | null;
    stage: 'marking' | 'marked' | 'done';
    asked_by: string;
    asked_at: number;
  };
  schedules: { key: string; pattern: string; next_at: number };
}
