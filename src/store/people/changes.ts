import { thanksKey } from '../../core/delivery/effects.ts';
import type { Changes } from '../../core/people/decide.ts';
import type { MessageChange } from '../../core/runs/outcome.ts';
import type { Tx } from '../db/tables.ts';
import { addEffects, cancelUnsent } from '../delivery/outbox.ts';
import { markStale } from '../digest/stale.ts';
import { addVerdicts } from '../runs/verdicts.ts';
import { deleteExamples, upsertExample } from './examples.ts';
import { upsertFlags } from './flags.ts';

/**
 * Writes the changes that a decision makes to messages of a channel, except for the posts to render
 * (cards, thanks). It takes a few statements for any number of messages.
 */
export async function applyChanges(
  tx: Tx,
  channel: string,
  changes: Changes[],
  now: number,
): Promise<void> {
  const added = await addVerdicts(
    tx,
    changes.flatMap(({ verdict }) => (verdict?.kind === 'new' ? verdict.verdict : [])),
  );
  await changeMessages(
    tx,
    channel,
    changes.map(({ ts, message, verdict }) => ({
      ts,
      message,
      ...(verdict && { verdict: verdict.kind === 'stored' ? verdict.id : (added.get(ts) ?? null) }),
    })),
  );
  await upsertFlags(
    tx,
    channel,
    changes.flatMap(({ ts, flag }) => (flag ? { ts, ...flag } : [])),
    now,
  );
  const dropped = changes.flatMap(({ ts, example }) => (example?.kind === 'drop' ? ts : []));
  await deleteExamples(tx, channel, dropped);
  for (const { ts, example } of changes) {
    if (example?.kind === 'keep') await upsertExample(tx, { channel, ts, text: example.text });
  }
  await addEffects(
    tx,
    [
      ...changes.flatMap(({ reactions }) => reactions.flag),
      ...changes.flatMap(({ reactions }) => reactions.category),
    ],
    now,
  );
  await cancelUnsent(
    tx,
    changes.flatMap(({ ts, thanks }) => (thanks?.kind === 'cancel' ? thanksKey(channel, ts) : [])),
  );
  for (const run of new Set(changes.flatMap(({ staleDigests }) => staleDigests))) {
    await markStale(tx, run, now);
  }
}

interface RowChange {
  ts: string;
  message: MessageChange;
  /** The verdict that counts from now on; null: none. */
  verdict?: number | null;
}

/** Updates messages: all that change alike in one statement. */
export async function changeMessages(tx: Tx, channel: string, rows: RowChange[]): Promise<void> {
  const alike = Map.groupBy(rows, ({ message, verdict }) =>
    JSON.stringify([message, verdict == null ? verdict : 'another']),
  );
  for (const group of alike.values()) {
    const [{ message, verdict } = { message: {} }] = group;
    if (typeof verdict === 'number') {
      await tx
        .updateTable('messages')
        .from('verdicts')
        .set((eb) => ({ ...message, verdict: eb.ref('verdicts.id') }))
        .whereRef('messages.channel', '=', 'verdicts.channel')
        .whereRef('messages.ts', '=', 'verdicts.ts')
        .where(
          'verdicts.id',
          'in',
          group.flatMap((row) => row.verdict ?? []),
        )
        .execute();
      continue;
    }
    const columns = { ...message, ...(verdict === null && { verdict }) };
    if (Object.keys(columns).length === 0) continue;
    await tx
      .updateTable('messages')
      .set(columns)
      .where('channel', '=', channel)
      .where(
        'ts',
        'in',
        group.map(({ ts }) => ts),
      )
      .execute();
  }
}
