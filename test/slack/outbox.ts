import { sql } from 'kysely';
import type { NewEffect } from '../../src/core/delivery/effects.ts';
import { addEffects } from '../../src/store/delivery/outbox.ts';
import type { Stage } from '../harness.ts';

/** Effects as tests write them into the outbox, and what became of them. */

const section = (text: string) => ({
  type: 'section',
  text: { type: 'plain_text', text, emoji: false },
});

export function post(
  channel: string,
  key: string,
  { parent, priority = 4, blocks }: { parent?: string; priority?: number; blocks?: object[] } = {},
): NewEffect {
  return {
    key,
    channel,
    priority,
    effect: {
      kind: 'post',
      text: `text of ${key}`,
      blocks: blocks ?? [section(`words of ${key}`)],
      metadata: { event_type: 'winnow_category', event_payload: { key, run: 1 } },
      ...(parent && { parent }),
    },
  };
}

export const react = (channel: string, ts: string, name = 'bug'): NewEffect => ({
  key: `react-${ts}-${name}`,
  channel,
  priority: 5,
  effect: { kind: 'react', ts, name },
});

export const whisper = (channel: string, user: string, key: string): NewEffect => ({
  key,
  channel,
  priority: 1,
  effect: { kind: 'ephemeral', user, text: `word of ${key}`, blocks: [section(key)] },
});

export async function enqueue({ context }: Stage, effects: NewEffect[]): Promise<void> {
  await context.db.transaction().execute((tx) => addEffects(tx, effects, context.clock.now()));
}

export interface OutboxRow {
  key: string;
  state: string;
  trouble: string | null;
  attempts: number;
  posted_ts: string | null;
}

export const outbox = (stage: Stage) =>
  stage.rows(sql<OutboxRow>`select * from outbox order by id`);

/** The outbox keys of the bot's posts, in the order in which they stand in the channel. */
export const postedKeys = (stage: Stage) =>
  stage
    .posts()
    .map(
      ({ metadata }) =>
        (metadata as { event_payload: { key: string } } | undefined)?.event_payload.key,
    );
