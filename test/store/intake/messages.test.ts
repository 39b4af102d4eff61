import { describe, expect, test } from 'vitest';
import { markDeleted, upsertMessage } from '../../../src/store/intake/messages.ts';
import { measurePending } from '../../../src/store/intake/pending.ts';
import { listMessagesBetween } from '../../../src/store/intake/ranges.ts';
import { listReplies, readThreads, upsertReply } from '../../../src/store/intake/replies.ts';
import {
  deleteUser,
  listUsersToFetch,
  readNames,
  updateUser,
  upsertUser,
} from '../../../src/store/intake/users.ts';
import { readThreadContext } from '../../../src/store/runs/requested.ts';
import { CHANNEL, incoming, judged, type Scene, START, startScene, ts } from '../scene.ts';

const edit = (second: number) => ({ editedTs: `${1_732_280_000 + second}.000000` });

const remove = (scene: Scene, n: number) =>
  scene.commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: ts(n) }, START + 1));

const SHOWN = { message: 30, reply: 10, replies: 2 };

const measured = (scene: Scene, pause = async () => {}) =>
  measurePending(scene.db, CHANNEL, SHOWN, pause);

const pending = async (scene: Scene) => (await measured(scene)).messages;

describe('a message', () => {
  test('is pending once, however often it is told of', async () => {
    const scene = await startScene();
    expect(await scene.keep(1, { text: 'Crashes <@U0BOB>' })).toBe('new');
    expect(await scene.keep(1, { text: 'Crashes <@U0BOB>' })).toBe('unchanged');
    expect(await scene.message(1)).toMatchObject({
      state: 'pending',
      text: 'Crashes <@U0BOB>',
      revision: 1,
      posted_at: START + 1000,
      collected_at: START,
    });
    expect(await measured(scene)).toEqual({ messages: 1, characters: 16 });
  });

  test('is measured by what Claude is shown of it and of its newest replies', async () => {
    const scene = await startScene();
    await scene.keep(1, { text: 'long '.repeat(100) });
    await scene.keep(2, { text: 'short' });
    for (const n of [3, 4, 5]) {
      const reply = { ...incoming(n, { text: 'x'.repeat(n === 5 ? 4 : 100) }), threadTs: ts(1) };
      await scene.commit((tx) => upsertReply(tx, reply, START));
    }
    const characters = 30 + 5 + 10 + 4;
    expect(await measured(scene)).toEqual({ messages: 2, characters });
  });

  test('is measured by the newest thousand when there are more, and counted in pages', async () => {
    const scene = await startScene();
    await scene.commit(async (tx) => {
      for (let n = 1; n <= 4500; n++) {
        await upsertMessage(tx, incoming(n, { text: 'x'.repeat(n <= 500 ? 9 : 20) }), START);
      }
    });
    let pauses = 0;
    const pause = async () => {
      pauses++;
    };
    expect(await measured(scene, pause)).toEqual({ messages: 4500, characters: 4500 * 20 });
    expect(pauses).toBe(2);
  });

  test('keeps the transcript that came later when the event of its posting is sent again', async () => {
    const scene = await startScene();
    const clip = '[file: audio_message.m4a]';
    await scene.keep(1, { text: clip });
    const known = incoming(1, { text: `${clip}\nIt crashes` });
    const read = { seenAt: START + 60_000 };
    expect(await scene.commit((tx) => upsertMessage(tx, known, START, read))).toBe('edited');
    expect(await scene.keep(1, { text: clip })).toBe('unchanged');
    expect(await scene.message(1)).toMatchObject({ text: known.text, revision: 2 });
  });

  test('is not counted when it is from before the bot came', async () => {
    const scene = await startScene();
    expect(await scene.keep(-1)).toBe('before our time');
    expect(await scene.keep(0)).toBe('new');
    expect(await pending(scene)).toBe(1);
  });

  test('is kept as it comes while it is not known when the bot came, unless it is an edit', async () => {
    const scene = await startScene();
    await scene.db.updateTable('channels').set({ since_ts: null }).execute();
    expect(await scene.keep(-5, edit(1))).toBe('before our time');
    expect(await scene.keep(1)).toBe('new');
  });

  test('makes the names of its author and of those it mentions worth looking up', async () => {
    const scene = await startScene();
    await scene.keep(1, { text: '<@U0BOB> <@W0CLEO|cleo> <!here> <@U0BOB>', author: 'U0ANA' });
    expect((await listUsersToFetch(scene.db, START, 10)).toSorted()).toEqual([
      'U0ANA',
      'U0BOB',
      'W0CLEO',
    ]);
    await upsertUser(
      scene.db,
      'U0BOB',
      { name: 'Bob', role: 'member', timeZone: null, locale: null },
      START,
    );
    await upsertUser(scene.db, 'W0CLEO', null, START);
    expect(await listUsersToFetch(scene.db, START, 10)).toEqual(['U0ANA']);
    const nameOf = await readNames(scene.db);
    expect([nameOf('U0BOB'), nameOf('W0CLEO'), nameOf('U0NOBODY')]).toEqual([
      'Bob',
      undefined,
      undefined,
    ]);
    // Somebody was forgotten while Slack was asked about them.
    await scene.commit((tx) => deleteUser(tx, 'U0ANA'));
    await updateUser(
      scene.db,
      'U0ANA',
      { name: 'Ana', role: 'member', timeZone: null, locale: null },
      START,
    );
    expect((await readNames(scene.db))('U0ANA')).toBeUndefined();
    const inAMonth = START + 30 * 24 * 3_600_000;
    expect(await listUsersToFetch(scene.db, inAMonth, 10)).toEqual(['U0BOB', 'W0CLEO']);
  });
});

describe('an edit', () => {
  test('changes the text and counts it as a new one', async () => {
    const scene = await startScene();
    await scene.keep(1);
    expect(await scene.keep(1, { text: 'better', ...edit(1) })).toBe('edited');
    expect(await scene.message(1)).toMatchObject({ text: 'better', revision: 2, state: 'pending' });
  });

  test('that comes before its message is the message', async () => {
    const scene = await startScene();
    expect(await scene.keep(1, { text: 'better', ...edit(1) })).toBe('new');
    expect(await scene.keep(1, { text: 'worse' })).toBe('unchanged');
    expect(await scene.message(1)).toMatchObject({ text: 'better', revision: 1 });
  });

  test('that is older than the one known changes nothing', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.keep(1, { text: 'second edit', ...edit(2) });
    expect(await scene.keep(1, { text: 'first edit', ...edit(1) })).toBe('unchanged');
    expect((await scene.message(1)).text).toBe('second edit');
  });

  test('back to the first text still outdates the edits before it', async () => {
    const scene = await startScene();
    await scene.keep(1, { text: 'first' });
    expect(await scene.keep(1, { text: 'first', ...edit(2) })).toBe('unchanged');
    expect(await scene.keep(1, { text: 'between', ...edit(1) })).toBe('unchanged');
    expect(await scene.message(1)).toMatchObject({ text: 'first', revision: 1 });
  });

  test('makes a judged message pending again, and keeps its verdict until the next', async () => {
    const scene = await startScene();
    await scene.keep(1);
    const sent = await scene.submit();
    await scene.take(sent, [judged(1)]);
    expect(await scene.message(1)).toMatchObject({ state: 'judged' });
    await scene.keep(1, { text: 'better', ...edit(1) });
    expect(await scene.message(1)).toMatchObject({
      state: 'pending',
      revision: 2,
      tries: 0,
      verdict: expect.any(Number),
    });
  });

  test('of a message that a run has claimed leaves it with the run', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.submit();
    await scene.keep(1, { text: 'better', ...edit(1) });
    expect(await scene.message(1)).toMatchObject({ state: 'claimed', revision: 2 });
  });

  test('gives a dead message a new chance', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.db
      .updateTable('messages')
      .set({ state: 'dead', tries: 3, trouble: 'refused' })
      .execute();
    await scene.keep(1, { text: 'better', ...edit(1) });
    expect(await scene.message(1)).toMatchObject({ state: 'pending', tries: 0, trouble: null });
  });
});

describe('a deletion', () => {
  test('takes a message out of what is pending', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.keep(2);
    await remove(scene, 1);
    expect(await pending(scene)).toBe(1);
    expect(await listMessagesBetween(scene.db, CHANNEL, { oldest: ts(1), latest: ts(9) })).toEqual([
      ts(2),
    ]);
  });

  test('that comes before its message keeps the message out', async () => {
    const scene = await startScene();
    await remove(scene, 1);
    expect(await scene.keep(1)).toBe('unchanged');
    expect(await scene.keep(1, { text: 'late edit', ...edit(1) })).toBe('unchanged');
    expect(await pending(scene)).toBe(0);
  });

  test('is remembered from the first time it is told', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await remove(scene, 1);
    await scene.commit((tx) => markDeleted(tx, { channel: CHANNEL, ts: ts(1) }, START + 99));
    expect((await scene.message(1)).deleted_at).toBe(START + 1);
  });
});

test('messages since a moment are listed with that of the moment itself', async () => {
  const scene = await startScene();
  for (const n of [1, 2, 3, 4]) await scene.keep(n);
  expect(await listMessagesBetween(scene.db, CHANNEL, { oldest: ts(2), latest: ts(3) })).toEqual([
    ts(2),
    ts(3),
  ]);
});

describe('a reply', () => {
  test.each([false, true])('keeps its later transcript too (added: %s)', async (added) => {
    const scene = await startScene();
    const clip = { ...incoming(2, { text: '[file: clip]' }), threadTs: ts(1) };
    const known = { ...clip, text: '[file: clip]\nIt crashes' };
    await scene.commit(async (tx) => {
      if (added) await upsertMessage(tx, clip, START, { added });
      await upsertReply(tx, clip, START);
      await upsertReply(tx, known, START, START + 60_000);
      await upsertReply(tx, clip, START);
    });
    const replies = await scene.db.selectFrom('replies').select('text').execute();
    expect(replies).toEqual([{ text: known.text }]);
    if (added) expect(await scene.message(2)).toMatchObject({ text: known.text });
  });

  const keepReplyOf = (scene: Scene, n: number, of: number, more: object = {}) =>
    scene.commit((tx) => upsertReply(tx, { ...incoming(n), threadTs: ts(of), ...more }, START));

  /** The context with which Claude would see the first message. */
  const context = async (scene: Scene, shown = 5) => {
    await scene.keep(1);
    const { batch } = await scene.submit();
    return (await readThreadContext(scene.db, batch.id, shown)).get(ts(1)) ?? [];
  };

  test('is context, never pending', async () => {
    const scene = await startScene();
    await keepReplyOf(scene, 5, 1);
    expect(await pending(scene)).toBe(0);
    expect(await context(scene)).toEqual(['message 5']);
  });

  test('told twice is there once, with its newest text', async () => {
    const scene = await startScene();
    await keepReplyOf(scene, 5, 1);
    await keepReplyOf(scene, 5, 1, { text: 'second edit', ...edit(2) });
    await keepReplyOf(scene, 5, 1, { text: 'first edit', ...edit(1) });
    await keepReplyOf(scene, 5, 1);
    expect(await context(scene)).toEqual(['second edit']);
  });

  test('that is deleted is no context any more', async () => {
    const scene = await startScene();
    await keepReplyOf(scene, 5, 1);
    await keepReplyOf(scene, 6, 1);
    await remove(scene, 5);
    expect(await context(scene)).toEqual(['message 6']);
    expect(await listMessagesBetween(scene.db, CHANNEL, { oldest: ts(0), latest: ts(9) })).toEqual([
      ts(1),
    ]);
  });

  test('whose deletion came first stays out', async () => {
    const scene = await startScene();
    await remove(scene, 5);
    await keepReplyOf(scene, 5, 1);
    expect(await context(scene)).toEqual([]);
  });

  test('that a person has added is a message as well: it changes and goes as one', async () => {
    const scene = await startScene();
    await keepReplyOf(scene, 5, 1);
    await scene.commit((tx) =>
      upsertMessage(tx, { ...incoming(5), threadTs: ts(1) }, START, { added: true }),
    );
    expect(await pending(scene)).toBe(1);
    // It is not in the channel's history, and not taken for deleted because of that.
    expect(await listMessagesBetween(scene.db, CHANNEL, { oldest: ts(0), latest: ts(9) })).toEqual(
      [],
    );
    await keepReplyOf(scene, 5, 1, { text: 'said better', ...edit(1) });
    expect(await scene.message(5)).toMatchObject({ text: 'said better', thread_ts: ts(1) });
    await remove(scene, 5);
    expect(await pending(scene)).toBe(0);
  });

  test('is shown with the last of its thread, oldest first', async () => {
    const scene = await startScene();
    for (const n of [7, 4, 6, 5]) await keepReplyOf(scene, n, 1);
    await keepReplyOf(scene, 8, 2);
    expect(await context(scene, 3)).toEqual(['message 5', 'message 6', 'message 7']);
    expect(await readThreads(scene.db, CHANNEL, { oldest: ts(1), latest: ts(9) })).toEqual(
      new Map([
        [ts(1), { replies: 4, newest: ts(7) }],
        [ts(2), { replies: 1, newest: ts(8) }],
      ]),
    );
    await remove(scene, 7);
    expect(
      (await readThreads(scene.db, CHANNEL, { oldest: ts(0), latest: ts(9) })).get(ts(1))?.newest,
    ).toBe(ts(6));
    expect(await listReplies(scene.db, CHANNEL, ts(1))).toEqual([ts(4), ts(5), ts(6)]);
  });
});

describe('a message that is there after all', () => {
  const see = (scene: Scene, n: number, seenAt: number, more: object = {}) =>
    scene.commit((tx) => upsertMessage(tx, incoming(n, more), START + 9, { seenAt }));

  test('is as it was, with its verdict', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.take(await scene.submit(), [judged(1)]);
    const before = await scene.message(1);
    await remove(scene, 1);
    expect(await see(scene, 1, START + 1)).toBe('revived');
    expect(await scene.message(1)).toEqual(before);
  });

  test('but not for what is older than its deletion', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await remove(scene, 1);
    expect(await see(scene, 1, START)).toBe('unchanged');
    expect(await scene.keep(1)).toBe('unchanged');
    expect(await pending(scene)).toBe(0);
  });

  test('is pending again when a run has left it out', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await scene.keep(2);
    await scene.submit();
    await remove(scene, 1);
    await scene.commit((tx) => tx.deleteFrom('requests').where('ts', '=', ts(1)).execute());
    await see(scene, 1, START + 1);
    await remove(scene, 2);
    await see(scene, 2, START + 1);
    expect((await scene.message(1)).state).toBe('pending');
    expect((await scene.message(2)).state).toBe('claimed');
  });

  test('is collected if only its deletion was known, unless it is before our time', async () => {
    const scene = await startScene();
    await remove(scene, 1);
    await remove(scene, -5);
    expect(await see(scene, 1, START + 1, { authorName: 'Form' })).toBe('revived');
    expect(await scene.message(1)).toMatchObject({
      ...{ text: 'message 1', author: 'U0ANA', author_name: 'Form', state: 'pending' },
    });
    expect(await see(scene, -5, START + 1)).toBe('before our time');
    expect(await pending(scene)).toBe(1);
  });

  test('brings an edit with it', async () => {
    const scene = await startScene();
    await scene.keep(1);
    await remove(scene, 1);
    expect(await see(scene, 1, START + 1, { text: 'better', ...edit(1) })).toBe('revived');
    expect(await scene.message(1)).toMatchObject({ text: 'better', revision: 2 });
  });

  test('and so is a reply, also as the message that a person made of it', async () => {
    const scene = await startScene();
    const reply = { ...incoming(5), threadTs: ts(1) };
    await scene.commit((tx) => upsertReply(tx, reply, START));
    await scene.commit((tx) => upsertMessage(tx, reply, START, { added: true }));
    await remove(scene, 5);
    expect(await scene.commit((tx) => upsertReply(tx, reply, START, START))).toBe('unchanged');
    expect(await listReplies(scene.db, CHANNEL, ts(1))).toEqual([]);
    expect(await scene.commit((tx) => upsertReply(tx, reply, START, START + 1))).toBe('revived');
    expect(await listReplies(scene.db, CHANNEL, ts(1))).toEqual([ts(5)]);
    expect(await pending(scene)).toBe(1);
  });
});
