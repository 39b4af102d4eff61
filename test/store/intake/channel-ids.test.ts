import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { PRIORITY } from '../../../src/core/delivery/effects.ts';
import { addEffects } from '../../../src/store/delivery/outbox.ts';
import { beginWriting, listStaleRuns } from '../../../src/store/digest/stale.ts';
import {
  type IdChange,
  listFormerIds,
  recordFormerId,
  rekeyChannel,
} from '../../../src/store/intake/channel-ids.ts';
import {
  discoverChannel,
  findChannel,
  joinChannel,
  leaveChannel,
} from '../../../src/store/intake/channels.ts';
import { findBrokenReferences } from '../../fresh-database.ts';
import { CHANNEL, judged, type Scene, START, startScene, ts } from '../scene.ts';

const NEW_ID = 'C0NEW';

/** The scene's channel has another id. */
const change = (scene: Scene, { former = CHANNEL, id = NEW_ID }: Partial<IdChange> = {}) =>
  scene.commit(async (tx) => {
    await recordFormerId(tx, { former, id }, START);
    return rekeyChannel(tx, { former, id }, START);
  });

/** Everything in the database but the former ids themselves. */
async function dump({ db }: Scene): Promise<string> {
  const tables = (await db.introspection.getTables()).filter(({ name }) => name !== 'channel_ids');
  const rows = await Promise.all(
    tables.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(db)),
  );
  return JSON.stringify(rows.map((result) => result.rows));
}

const react = (n: number) => ({
  key: `react-${CHANNEL}-${n}`,
  channel: CHANNEL,
  priority: PRIORITY.reaction,
  effect: { kind: 'react' as const, ts: ts(n), name: 'bug' },
});

describe('another id', () => {
  test('stands everywhere, and every reference holds', async () => {
    const scene = await startScene();
    await scene.keep(1);
    const submitted = await scene.submit();
    await scene.take(submitted, [judged(1)]);
    await scene.keep(2);
    await scene.commit((tx) => addEffects(tx, [react(2)], START));
    expect(await dump(scene)).toContain(CHANNEL);
    expect(await change(scene)).toBe(true);
    expect(await dump(scene)).not.toContain(CHANNEL);
    expect(await findBrokenReferences(scene.db)).toEqual([]);
  });

  test('twice in a row leads from every former id to the last one', async () => {
    const scene = await startScene();
    await change(scene);
    await change(scene, { former: NEW_ID, id: 'C0LAST' });
    expect((await listFormerIds(scene.db)).map(({ former, id }) => [former, id])).toEqual([
      [CHANNEL, 'C0LAST'],
      [NEW_ID, 'C0LAST'],
    ]);
    await change(scene, { former: 'C0LAST', id: CHANNEL });
    expect((await listFormerIds(scene.db)).map(({ former, id }) => [former, id])).toEqual(
      expect.arrayContaining([
        [NEW_ID, CHANNEL],
        ['C0LAST', CHANNEL],
      ]),
    );
    expect(await findChannel(scene.db, CHANNEL)).toMatchObject({ state: 'member' });
  });

  test('keeps since when messages count, also where the new id is known already', async () => {
    const scene = await startScene();
    await scene.commit((tx) => joinChannel(tx, NEW_ID, { invitedBy: null, at: START + 1000 }));
    await change(scene);
    expect(await findChannel(scene.db, NEW_ID)).toMatchObject({
      since_ts: ts(0),
      invited_by: 'U0ANA',
    });
    expect(await findChannel(scene.db, CHANNEL)).toBeUndefined();
  });

  test('of a channel that the bot had left: messages count from its new arrival', async () => {
    const scene = await startScene();
    await leaveChannel(scene.db, CHANNEL);
    await change(scene);
    expect(await findChannel(scene.db, NEW_ID)).toMatchObject({ state: 'member', since_ts: null });
  });
});

describe('what was on its way under the former id', () => {
  test('makes no channel of its own', async () => {
    const scene = await startScene();
    await change(scene);
    await expect(discoverChannel(scene.db, CHANNEL, null)).rejects.toThrow('another id');
    await expect(
      scene.commit((tx) => joinChannel(tx, CHANNEL, { invitedBy: null, at: START })),
    ).rejects.toThrow('another id');
  });

  test('follows when it is moved again', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await change(scene);
    await scene.commit((tx) => addEffects(tx, [react(1)], START));
    expect(
      await scene.commit((tx) => rekeyChannel(tx, { former: CHANNEL, id: NEW_ID }, START)),
    ).toBe(true);
    expect(await dump(scene)).not.toContain(CHANNEL);
  });

  test('a summary that was being written is not: it is written with the new id', async () => {
    const scene = await startScene();
    const run = await scene.open();
    await change(scene);
    const write = (of: typeof run) =>
      scene.commit((tx) => beginWriting(tx, of, { end: true, publish: true }, START));
    expect(await write(run)).toBe(false);
    expect(await write({ ...run, channel: NEW_ID })).toBe(true);
    await change(scene, { former: NEW_ID, id: 'C0LAST' });
    expect((await listStaleRuns(scene.db)).map(({ id }) => id)).toEqual([run.id]);
  });

  test('waits while both ids have an open run', async () => {
    const scene = await startScene();
    const run = await scene.open();
    await scene.commit((tx) => joinChannel(tx, NEW_ID, { invitedBy: null, at: START }));
    await scene.open({ channel: NEW_ID });
    expect(await change(scene)).toBe(false);
    await scene.close(run);
    expect(
      await scene.commit((tx) => rekeyChannel(tx, { former: CHANNEL, id: NEW_ID }, START)),
    ).toBe(true);
  });
});
