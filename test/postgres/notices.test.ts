import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen, type Notice, notify, parseNotice } from '../../src/store/db/postgres/notices.ts';
import { putEnvelope } from '../../src/store/workspaces/inbox.ts';
import type { ControlDb } from '../../src/store/workspaces/tables.ts';
import { createPlace, START, startControl } from '../store/workspaces/stage.ts';
import { onPostgres } from './fresh-workspace.ts';

const ALL: Notice[] = [
  { kind: 'inbox', team: 'T1' },
  { kind: 'answer', id: '5b6f6a0e-5d0c-4f0b-9a57-0a4f8e3ed9c4' },
  { kind: 'workspaces' },
];

test.each(ALL)('a notice of $kind is understood', (notice) => {
  expect(parseNotice(JSON.stringify(notice))).toEqual(notice);
  expect(parseNotice(JSON.stringify({ ...notice, since: 'a later version' }))).toEqual(notice);
});

test.each(['', 'inbox', '{', 'null', '[]', '{"kind":"inbox"}', '{"kind":"later","team":"T1"}'])(
  '%j is not understood, and does no harm',
  (payload) => {
    expect(parseNotice(payload)).toBeUndefined();
  },
);

async function start() {
  const place = await createPlace();
  if (place.kind !== 'postgres') throw new Error('it is a file');
  const listener = async () => {
    const client = new pg.Client(place.url);
    await client.connect();
    onTestFinished(() => client.end());
    const heard: Notice[] = [];
    await listen(client, (notice) => heard.push(notice));
    return { client, heard };
  };
  return { db: await startControl(place), listeners: [await listener(), await listener()] };
}

type Listeners = Awaited<ReturnType<typeof start>>['listeners'];

/** Everything that each of them has heard until now. */
async function hear(db: ControlDb, listeners: Listeners): Promise<Notice[][]> {
  const last: Notice = { kind: 'answer', id: 'the last one' };
  await notify(db, last);
  for (const { heard } of listeners) {
    await expect.poll(() => heard.at(-1), { timeout: 60_000 }).toEqual(last);
  }
  return listeners.map(({ heard }) => heard.splice(0).slice(0, -1));
}

describe.runIf(onPostgres)('notices', () => {
  test('are heard by all who listen, in their order', async () => {
    const { db, listeners } = await start();
    for (const notice of ALL) await notify(db, notice);
    expect(await hear(db, listeners)).toEqual([ALL, ALL]);
  });

  test('of a transaction are heard once it is committed, and never if it is not', async () => {
    const { db, listeners } = await start();
    const envelope = { team: 'T1', receivedAt: START, expiresAt: null, content: {} };
    await db.transaction().execute(async (tx) => {
      await putEnvelope(tx, { ...envelope, id: 'a' });
      await notify(tx, { kind: 'inbox', team: 'T1' });
      expect(await hear(db, listeners)).toEqual([[], []]);
    });
    const failed = db.transaction().execute(async (tx) => {
      await notify(tx, { kind: 'inbox', team: 'T2' });
      throw new Error('a power cut');
    });
    await expect(failed).rejects.toThrow('a power cut');
    const heard = { kind: 'inbox', team: 'T1' };
    expect(await hear(db, listeners)).toEqual([[heard], [heard]]);
  });

  test('of other programs and versions are passed over', async () => {
    const { db, listeners } = await start();
    const [{ client }] = listeners as [Listeners[0]];
    await client.query('listen other');
    await client.query(`notify winnow, '{"kind":"later"}'`);
    await client.query('notify winnow');
    await client.query(`notify other, '{"kind":"workspaces"}'`);
    expect(await hear(db, listeners)).toEqual([[], []]);
  });
});
