import type { Generated } from 'kysely';
import type { Refusal } from '../../core/people/acts.ts';
import type { MergeState, ThemeActKind } from '../../core/themes/themes.ts';
import type { TopicState } from '../../core/themes/topics.ts';

export interface ThemesTables {
  themes: {
    id: number;
    channel: string;
    title: string;
    named_by: string;
    run: number | null;
    created_at: number;
    touched_at: number;
    merged_into: number | null;
    indexed: number;
    forgotten: Generated<number | null>;
    sorted: Generated<number>;
  };
  topics: {
    id: Generated<number>;
    channel: string;
    title: string;
    run: number;
    state: TopicState;
    by: string | null;
    at: number;
    forgotten: Generated<number | null>;
  };
  topic_themes: { topic: number; theme: number };
  theme_members: {
    channel: string;
    ts: string;
    theme: number;
    revision: number;
    person: string | null;
    taken_from: number | null;
    at: number;
  };
  theme_merges: {
    id: Generated<number>;
    channel: string;
    one: number;
    other: number;
    run: number;
    state: MergeState;
    moved: string | null;
    by: string | null;
    at: number;
  };
  theme_acts: {
    id: Generated<number>;
    channel: string;
    user: string;
    kind: ThemeActKind;
    ts: string | null;
    theme: number | null;
    merge: number | null;
    topic: number | null;
    state: 'asked' | 'taken' | 'refused';
    refusal: Refusal | null;
    at: number;
  };
  groupings: {
    run: number;
    stage: 'assigning' | 'asking' | 'closing' | 'naming' | 'done';
    since: number;
    next_at: number;
    attempts: Generated<number>;
    requests: Generated<number>;
    input_tokens: Generated<number>;
    output_tokens: Generated<number>;
    nano_usd: Generated<number | null>;
  };
}
