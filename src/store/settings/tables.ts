import type { Generated } from 'kysely';
import type { Sentiment, Urgency } from '../../core/runs/taxonomy.ts';

export interface SettingsTables {
  settings: {
    id: Generated<number>;
    content: string | null;
    taxonomy_version: number;
    changed_by: string;
    changed_at: number;
  };
  rehearsals: {
    id: Generated<number>;
    person: string;
    stage: 'offered' | 'judging' | 'done' | 'adopted' | 'discarded';
    content: string;
    shown: number;
    taxonomy_version: number;
    model: string;
    expected_nano_usd: number | null;
    nano_usd: Generated<number | null>;
    input_tokens: Generated<number>;
    output_tokens: Generated<number>;
    offered_at: number;
    asked_at: Generated<number | null>;
    judged_at: Generated<number | null>;
    ended_at: Generated<number | null>;
    attempts: Generated<number>;
    next_at: number;
  };
  rehearsal_verdicts: {
    rehearsal: number;
    side: 'before' | 'after';
    channel: string;
    ts: string;
    revision: number;
    outcome: 'known' | 'judged' | 'failed' | 'gone' | null;
    asks: Generated<number>;
    tries: Generated<number>;
    category: string | null;
    urgency: Urgency | null;
    sentiment: Sentiment | null;
  };
}
