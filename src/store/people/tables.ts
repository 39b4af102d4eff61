import type { Generated } from 'kysely';
import type { ActKind, ActSource, FlagState, Refusal } from '../../core/people/acts.ts';
import type { DismissReason } from '../../core/people/dismissal.ts';

export interface PeopleTables {
  flags: {
    channel: string;
    ts: string;
    state: FlagState;
    by: string | null;
    reason: Generated<DismissReason | null>;
    duplicate_of: Generated<string | null>;
    opened_at: number;
    changed_at: number;
    touched_at: number;
    reminded_at: number | null;
  };
  cards: { channel: string; ts: string; key: string };
  acts: {
    id: Generated<number>;
    channel: string;
    ts: string;
    user: string;
    kind: ActKind;
    category: string | null;
    also: Generated<string | null>;
    reason: Generated<DismissReason | null>;
    duplicate_of: Generated<string | null>;
    source: ActSource;
    undoes: number | null;
    undone_by: number | null;
    state: 'asked' | 'taken' | 'refused';
    refusal: Refusal | null;
    at: number;
    before: string | null;
    after: string | null;
  };
  honesty_draws: {
    run: number;
    channel: string;
    drawn_at: number;
    last_verdict: number;
    messages: string;
  };
  honesty_questions: {
    channel: string;
    ts: string;
    run: number;
    place: number;
    revision: number;
    category: string;
    taxonomy_version: number;
    model: string;
  };
  reactions: {
    channel: string;
    item_ts: string;
    user: string;
    name: string;
    present: number;
    changed_ts: string;
    heard_at: number;
    act: number | null;
  };
}
