import { rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { checkPosts } from '../../src/start/check-posts.ts';
import { backUpDatabase, removeFiles } from '../../src/store/db/backup.ts';
import { restoreDatabase } from '../../src/store/db/restore.ts';
import { forgetMessage, startAdmins } from '../privacy/stage.ts';
import {
  BUG,
  DAY_MS,
  FLAG,
  IDEA,
  NOISE,
  type People,
  PRAISE,
  startPeople,
  words,
} from './stage.ts';

/** Posts that the database does not know, because it was restored from a copy, or begun anew. */

const OTHER = 'It crashes when I print';
const TAKEN_OVER = 'posts that the database did not know were taken over';
const NOT_KNOWN = 'it is not known whether Slack has newer posts than the database: looking later';

async function startOnDisk(texts: string[], settings = {}) {
  const people = await startPeople(texts, { onDisk: true, settings });
  const file = path.join(people.directory ?? '', 'winnow.db');
  const copy = path.join(people.directory ?? '', 'copy.db');
  const config = { database: { kind: 'sqlite' as const, file }, adoptsPosts: false };
  const post = async (...more: string[]) => {
    const sent = more.map((text) =>
      people.slack.post({ channel: people.channel, user: people.user, text }),
    );
    await people.slack.idle();
    return sent;
  };
  return {
    people,
    file,
    config,
    post,
    backUp: () => backUpDatabase(file, copy),
    /** The copy is put in place by the command, and the bot is started on it. */
    async restore() {
      await people.restart(() => restoreDatabase(copy, file, { now: people.clock.now() }));
      await checkPosts(people.context, config);
      await people.connect();
      await people.rest();
    },
    /** The database is gone, and the bot is started with this setting. */
    async lose(adoptsPosts: boolean) {
      await people.restart(() => removeFiles(file));
      await checkPosts(people.context, { ...config, adoptsPosts });
      await people.connect();
      await people.rest();
    },
  };
}

/** The keys of all posts of the bot, in the channel and in its threads. */
const keysOf = (people: People) =>
  people
    .posts()
    .map(({ metadata }) => (metadata as { event_payload: { key: string } }).event_payload.key);

const expectNothingTwice = (people: People) => {
  const keys = keysOf(people);
  expect(keys).toEqual([...new Set(keys)]);
};

describe('a copy that is brought back', () => {
  test('what was posted since is not posted again, and its cards work', async () => {
    const { people, post, backUp, restore } = await startOnDisk([BUG, PRAISE]);
    await people.sumUp();
    await backUp();
    const [other = '', idea = '', noise = ''] = await post(OTHER, IDEA, NOISE);
    await people.sumUp();
    const before = people.posts().length;
    const [later = ''] = await post('It crashes when I scroll');
    await restore();
    expect(people.logs).toContainEqual(
      expect.objectContaining({ message: TAKEN_OVER, messages: 3 }),
    );
    expect(people.posts()).toHaveLength(before);
    const told = await people.rows(
      sql`select messages.ts, messages.digest, category, gist from messages
        join verdicts on verdicts.id = messages.verdict where messages.digest = 2 order by messages.ts`,
    );
    expect(told).toEqual([
      { ts: other, digest: 2, category: 'bug', gist: OTHER },
      { ts: idea, digest: 2, category: 'feature_request', gist: 'Add a dark mode' },
      { ts: noise, digest: 2, category: 'noise', gist: NOISE },
    ]);

    await people.press(people.ben, other, 'claim');
    expect(people.stateOf(other)).toBe('claimed');
    expect(await people.flag(other)).toEqual({ state: 'claimed', by: people.ben });
    expect(people.cards(other)).toHaveLength(1);

    // The next summary tells of what nobody has been told of, and says what is still open.
    await people.sumUp();
    expect(people.list('bug')).toContain('It crashes when I scroll');
    expect(people.list('bug')).not.toContain(OTHER);
    expect(people.list('feature_request')).toBe('');
    expect(people.card(later)).toBeDefined();
    expect(people.cards(other)).toHaveLength(1);
    expect(words(people.digest().blocks)).toContain(OTHER);
    expectNothingTwice(people);
    // What is open was judged again meanwhile; its person's claim stays.
    expect(
      await people.rows(sql`select urgency from verdicts join messages
      on messages.verdict = verdicts.id where messages.ts = ${other}`),
    ).toEqual([{ urgency: 'medium' }]);
    expect(people.stateOf(other)).toBe('claimed');
  });

  test('what was resolved since is not open again', async () => {
    const { people, backUp, restore } = await startOnDisk([BUG, OTHER]);
    const [bug = '', other = ''] = people.sent;
    await backUp();
    await people.sumUp();
    await people.press(people.ben, bug, 'resolve');
    await people.press(people.ben, other, 'claim');
    await restore();
    expect((await people.flag(bug))?.state).toBe('resolved');
    expect((await people.flag(other))?.state).toBe('open');
    await people.sumUp();
    expect(people.stateOf(bug)).toBe('resolved');
    expect(people.stateOf(other)).toBe('open');
    expectNothingTwice(people);
  });

  test('of the middle of a run: the run ends in the post that it had, and no second one', async () => {
    const { people, post, backUp, restore } = await startOnDisk([BUG, IDEA]);
    await people.type();
    await backUp();
    await people.rest();
    await post(OTHER);
    const keys = keysOf(people).length;
    await restore();
    expect(
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest'),
    ).toHaveLength(1);
    expect(keysOf(people)).toHaveLength(keys);
    expectNothingTwice(people);
    await people.sumUp();
    expect(people.list('bug')).toContain(OTHER);
    expect(people.list('bug')).not.toContain(BUG);
  });

  test('a run that was asked for since, and was under way, goes on in its post', async () => {
    const { people, backUp, restore } = await startOnDisk([BUG, IDEA]);
    await backUp();
    await people.type();
    await people.settle(() => people.posts().length > 0);
    await restore();
    expect(
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest'),
    ).toHaveLength(1);
    expect(people.list('bug')).toContain(BUG);
    expectNothingTwice(people);
  });

  test('a scheduled summary that was posted since is not made up', async () => {
    const { people, backUp, post, restore } = await startOnDisk([BUG], {
      summarySchedule: '0 9 * * *',
    });
    await people.rest();
    await backUp();
    await post(IDEA);
    people.clock.jump(DAY_MS);
    await people.rest();
    const digests = () =>
      people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest').length;
    const before = digests();
    expect(before).toBeGreaterThan(0);
    await restore();
    expect(digests()).toBe(before);
    expectNothingTwice(people);
  });

  test('nor where its channel cannot be read at first', async () => {
    const { people, file, config, post, backUp } = await startOnDisk([BUG], {
      summarySchedule: '0 9 * * *',
    });
    await people.rest();
    await backUp();
    await post(IDEA);
    people.clock.jump(DAY_MS);
    await people.rest();
    const before = keysOf(people);
    await people.restart(() =>
      restoreDatabase(path.join(path.dirname(file), 'copy.db'), file, { now: 0 }),
    );
    await checkPosts(people.context, config);
    const method = 'conversations.history';
    people.slack.faults.add({ kind: 'error', method, error: 'internal_error' });
    await people.connect();
    for (const ms of [0, 30_000, 240_000]) {
      people.clock.jump(ms);
      await people.rest();
    }
    expect(people.context.adopted).toBeNull();
    expect(keysOf(people)).toEqual(before);
  });

  test('a run that begins before all channels are read gets a number of its own', async () => {
    const { people, file, config, post, backUp } = await startOnDisk([BUG]);
    const { slack, channel, user } = people;
    const other = slack.addChannel({ name: 'other', members: [user] });
    slack.join(other, slack.botUserId);
    await people.sumUp();
    slack.post({ channel: other, user, text: OTHER });
    await slack.idle();
    await backUp();
    await people.type('', { channel: other });
    await people.rest();
    const before = people.posts(other).length;
    await people.restart(() =>
      restoreDatabase(path.join(path.dirname(file), 'copy.db'), file, { now: 0 }),
    );
    await checkPosts(people.context, config);
    await people.connect();
    await post(IDEA);
    await people.type();
    await people.rest();
    expect(people.list('feature_request')).toContain('Add a dark mode');
    expect(people.posts(other)).toHaveLength(before);
    expect(await people.rows(sql`select id, channel from runs order by id`)).toEqual([
      { id: 1, channel },
      { id: 2, channel: other },
      { id: 3, channel },
    ]);
  });

  test('a channel that cannot be read at first: its messages are not told of again', async () => {
    const { people, file, config, post, backUp } = await startOnDisk([BUG]);
    await people.sumUp();
    const [other = ''] = await post(OTHER);
    await backUp();
    await people.sumUp();
    await people.restart(() =>
      restoreDatabase(path.join(path.dirname(file), 'copy.db'), file, { now: 0 }),
    );
    await checkPosts(people.context, config);
    const method = 'conversations.history';
    people.slack.faults.add({ kind: 'error', method, error: 'internal_error' });
    await people.connect();
    await people.type();
    await people.settle(() => people.context.adopted === null, 500);
    await people.rest();
    expect(people.cards(other)).toHaveLength(1);
    expectNothingTwice(people);
  });

  test('nothing was posted since: nothing is said, and the bot goes on', async () => {
    const { people, backUp, restore } = await startOnDisk([BUG]);
    await people.sumUp();
    await backUp();
    await restore();
    expect(people.logs.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(people.context.adopted).toBeNull();
    // It was looked for once.
    await people.restart();
    await checkPosts(people.context, {
      database: { kind: 'sqlite', file: '' },
      adoptsPosts: false,
    });
    expect(people.context.adopted).toBeNull();
  });
});

test('what is forgotten leaves a summary that was taken over, too', async () => {
  const people = await startAdmins(['The launch code is 7391', IDEA], { onDisk: true });
  await people.sumUp();
  const file = path.join(people.directory ?? '', 'winnow.db');
  await people.restart(() => removeFiles(file));
  await checkPosts(people.context, {
    database: { kind: 'sqlite' as const, file },
    adoptsPosts: true,
  });
  await people.connect();
  await people.rest();
  expect(JSON.stringify(people.posts())).toContain('7391');
  await forgetMessage(people, people.sent[0] ?? '');
  expect(JSON.stringify(people.posts())).not.toContain('7391');
  expect(JSON.stringify(people.posts())).toContain('dark mode');
});

describe('a database that is new or older', () => {
  test('the start is refused, in one sentence with the file, the time and the ways on', async () => {
    const { people, lose } = await startOnDisk([BUG]);
    await people.sumUp();
    await expect(lose(false)).rejects.toThrow(
      /^DATABASE_URL: .*winnow\.db does not know what Winnow posted in #feedback at 2026-11-23 10:\d\d UTC.*npm run restore -- FILE.*ADOPT_POSTS=on/,
    );
  });

  test('when people want it so, everything is taken over, and nothing is posted again', async () => {
    const { people, lose, post } = await startOnDisk([BUG, PRAISE, NOISE]);
    await people.sumUp();
    await post(IDEA);
    await people.sumUp();
    const [bug = ''] = people.sent;
    const before = keysOf(people).length;
    await lose(true);
    expect(keysOf(people)).toHaveLength(before);
    expect(people.reactionsOf(bug)).toContain(FLAG);
    await people.press(people.ben, bug, 'resolve');
    expect(people.stateOf(bug)).toBe('resolved');
    // The numbers of runs go on.
    await post(OTHER);
    await people.sumUp();
    expectNothingTwice(people);
    expect(people.list('bug')).toContain(OTHER);
  });

  test('an older one that somebody has put there is refused as well', async () => {
    const { people, file, config, post } = await startOnDisk([BUG]);
    await people.sumUp();
    const older = `${file}.older`;
    await backUpDatabase(file, older);
    await post(IDEA);
    await people.sumUp();
    await people.restart(() => {
      removeFiles(file);
      restoreDatabase(older, file, { now: 0 });
    });
    // As if it had been copied by hand.
    await sql`pragma user_version = 0`.execute(people.context.db);
    await expect(checkPosts(people.context, config)).rejects.toThrow(
      'does not know what Winnow posted',
    );
    rmSync(older);
  });

  test('a channel in which it has posted nothing, and posts of others, are no reason to refuse', async () => {
    const { people, config } = await startOnDisk([BUG]);
    const { slack, channel } = people;
    const metadata = { event_type: 'winnow_digest', event_payload: { key: 'digest-r1', run: 1 } };
    const botId = slack.addIntegration({ name: 'Another Winnow' });
    slack.post({ channel, botId, text: 'A summary', metadata });
    await checkPosts(people.context, config);
    expect(people.context.adopted).toBeNull();
    expect(people.logs.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('it has gone on since another one was lost: what that one posted is no reason to refuse', async () => {
    const { people, config, post } = await startOnDisk([BUG]);
    const { slack, channel, context } = people;
    const metadata = { event_type: 'winnow_digest', event_payload: { key: 'digest-r9', run: 9 } };
    const { botId } = context.workspace.self;
    slack.post({ channel, botId, text: 'A summary', metadata });
    await people.sumUp();
    await checkPosts(people.context, config);
    expect(people.context.adopted).toBeNull();

    await people.restart();
    await checkPosts(people.context, { ...config, adoptsPosts: true });
    await people.connect();
    await people.rest();
    expect(people.logs).not.toContainEqual(expect.objectContaining({ message: TAKEN_OVER }));
    await post(IDEA);
    await people.sumUp();
    expect(await people.rows(sql`select id from runs`)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('Slack out of reach, or too slow: the start goes on, and the first sweep looks', async () => {
    const { people, file } = await startOnDisk([BUG]);
    await people.sumUp();
    const before = keysOf(people).length;
    await people.restart(() => removeFiles(file));
    people.slack.faults.add({
      kind: 'error',
      method: 'conversations.history',
      error: 'internal_error',
    });
    await checkPosts(people.context, {
      database: { kind: 'sqlite' as const, file },
      adoptsPosts: false,
    });
    expect(people.logs).toContainEqual(expect.objectContaining({ message: NOT_KNOWN }));
    await people.connect();
    await people.rest();
    expect(keysOf(people)).toHaveLength(before);
    expect(await people.rows(sql`select * from messages where state = 'pending'`)).toEqual([]);
  });
});
