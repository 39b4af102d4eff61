import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { catchUp, indexWords } from '../../../src/jobs/search.ts';
import { onCommand } from '../../../src/listeners/commands/classify-feedback.ts';
import { type Stage, type StageOptions, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';
import { onPostgres } from '../../postgres/fresh-workspace.ts';

async function startJudged(texts: string[], options?: StageOptions) {
  const stage = await startWith(texts, options);
  await stage.type();
  await stage.settle();
  return stage;
}

/** All that the answer shows. */
async function search(stage: Stage, typed: string, where = {}): Promise<string> {
  await stage.type(`search ${typed}`, where);
  const shown = stage.slack.ephemerals(stage.user).at(-1);
  return words(shown?.blocks) || (shown?.text ?? '');
}

const linkTo = (ts: string | undefined) => `p${ts?.replace('.', '')}`;

function links(stage: Stage): string[] {
  const shown = stage.slack.ephemerals(stage.user).at(-1);
  return shown ? stage.slack.links(shown).map(({ url }) => url.replace(/.*\//, '')) : [];
}

describe('search', () => {
  test('finds messages by their words, the newest first, with category, gist, date and link', async () => {
    const stage = await startJudged([
      'It crashes when I export',
      'Please add a dark mode',
      'The EXPORT is lovely',
    ]);
    const shown = await search(stage, 'export');
    expect(shown).toMatch(/^2 messages with “export”, the newest first:/);
    expect(links(stage)).toEqual([linkTo(stage.sent[2]), linkTo(stage.sent[0])]);
    expect(shown).toContain(':tada: The EXPORT is lovely · ');
    expect(stage.slack.ephemerals(stage.user).at(-1)?.text).toContain('2 messages with “export”');
  });

  test('all of the words have to be there; if they never are, those with most of them are shown', async () => {
    const stage = await startJudged(['Safari loses the export', 'The export is slow', 'Nice']);
    expect(await search(stage, 'export safari')).toMatch(/^1 message with/);
    const shown = await search(stage, 'export safari windows');
    expect(shown).toMatch(/^No message has all of “export safari windows”/);
    expect(links(stage)).toEqual([linkTo(stage.sent[0])]);
    expect(await search(stage, 'linux windows')).toMatch(/^Nothing found for “linux windows”/);
  });

  test('also before it is classified, and in any script, however short the word', async () => {
    const stage = await startWith([
      '应用崩溃了',
      '앱에 버그가 있어요',
      'Ça échoue à l’été',
      'ok 🔥',
    ]);
    for (const [typed, n] of [
      ['崩溃', 0],
      ['버그', 1],
      ['ECHOUE', 2],
      ['ete', 2],
      ['🔥', 3],
      ['ok', 3],
    ] as const) {
      expect(await search(stage, typed)).toContain('not classified yet');
      expect(links(stage)).toEqual([linkTo(stage.sent[n])]);
    }
  });

  test('where the gist has other words, those of the message are shown, too', async () => {
    const stage = await startJudged([`${'It is slow. '.repeat(30)}Frobnication fails.`]);
    expect(await search(stage, 'frobnication')).toMatch(/“… .*Frobnication fails\.”/);
  });

  test('edits and deletions follow at once', async () => {
    const stage = await startJudged(['It crashes on export', 'The export is slow']);
    const { slack, channel, sent } = stage;
    expect(await search(stage, 'export')).toMatch(/^2 messages/);
    slack.edit({ channel, ts: sent[0] ?? '', text: 'It crashes on import' });
    slack.delete({ channel, ts: sent[1] ?? '' });
    await slack.idle();
    expect(await search(stage, 'export')).toMatch(/^Nothing found/);
    expect(await search(stage, 'import')).toMatch(/^1 message/);
    const isLeft = onPostgres ? sql`text like '%export%'` : sql`words match '"export"'`;
    expect(await stage.rows(sql`select * from words where ${isLeft}`)).toEqual([]);
  });

  test('never of another channel', async () => {
    const stage = await startWith(['The export is slow']);
    const { slack, user, context } = stage;
    const other = slack.addChannel({ name: 'other', isPrivate: true, members: [user] });
    slack.inviteBot(other, user);
    await slack.idle();
    slack.post({ channel: other, user, text: 'A secret export' });
    await slack.idle();
    await catchUp(context.db, other);
    expect(await search(stage, 'export')).toMatch(/^1 message/);
    expect(await search(stage, 'ex')).toMatch(/^1 message/);
    expect(await search(stage, 'secret')).toMatch(/^Nothing found/);
    expect(await search(stage, 'secret', { channel: other })).toMatch(/^1 message/);
  });

  test('ten are shown, the rest is counted', async () => {
    const texts = Array.from({ length: 44 }, (_, n) => `export number ${n}`);
    const stage = await startWith(texts);
    const shown = await search(stage, 'export');
    expect(shown).toMatch(/^44 messages with/);
    expect(shown).toContain('and 34 more. Another word narrows it down.');
    expect(links(stage)).toEqual(stage.sent.slice(-10).reverse().map(linkTo));
  });

  test('long texts and names of emoji stay within a post', async () => {
    const texts = Array.from({ length: 12 }, (_, n) => `${'export "\\\n'.repeat(400)} ${n}`);
    const stage = await startJudged(texts);
    await search(stage, 'export');
    const blocks = stage.slack.ephemerals(stage.user).at(-1)?.blocks;
    expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(9_000);
  });

  test('with nothing to look for it says how', async () => {
    const stage = await startWith(['It crashes']);
    expect(await search(stage, '')).toMatch(/^Say what to look for/);
    expect(await search(stage, '""')).toMatch(/^Say what to look for/);
  });

  test('property: whatever is typed is answered, and neither it nor what is found can ping or link', async () => {
    const stage = await startWith([
      '<!channel> export <https://evil.example|view> *bold* `code`',
      '&lt;!here&gt; export @everyone',
    ]);
    const { context, channel, user, slack } = stage;
    const ours = new RegExp(`/archives/${channel}/p\\d+$`);
    const anyWords = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            'export',
            'AND',
            'NEAR(',
            '"',
            "'",
            '*',
            '^',
            ':',
            '-',
            ')',
            'text:',
            '<!channel>',
            '\u0000',
            '🔥',
            '<@U1>',
          ),
        )
        .map((parts) => parts.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(anyWords, async (typed) => {
        const command = {
          channel_id: channel,
          user_id: user,
          trigger_id: 't',
          text: `search ${typed}`,
        };
        const answer = await onCommand(context, command);
        const shown = typeof answer === 'string' ? { text: answer } : answer;
        const message = shown as Parameters<typeof slack.pings>[0];
        expect(slack.pings(message)).toEqual([]);
        for (const { url } of slack.links(message)) expect(url).toMatch(ours);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the index', () => {
  test('is filled in slices, the newest first, and rests when it has everything', async () => {
    const texts = Array.from({ length: 60 }, (_, n) => `message ${n}`);
    const { context, rows, sent, clock } = await startWith(texts);
    // Time is up whenever somebody looks at it, then never.
    let now = 0;
    expect(await indexWords(context, () => (now += 100))).toBeLessThan(clock.now() + 1_000);
    const left = await rows<{ ts: string }>(sql`select ts from unindexed order by ts`);
    expect(left.map(({ ts }) => ts)).toEqual(sent.slice(0, 50));
    expect(await indexWords(context, () => now)).toBeGreaterThan(clock.now() + 1_000);
    expect(await rows(sql`select * from unindexed`)).toEqual([]);
  });

  test('gists are found that a run has brought', async () => {
    const stage = await startJudged(['It crashes']);
    const { db } = stage.context;
    await db.updateTable('verdicts').set({ gist: 'Zebras stampede' }).execute();
    await db.updateTable('indexed_verdicts').set({ up_to: 0 }).execute();
    expect(await search(stage, 'zebras')).toMatch(/^1 message/);
  });

  test('it waits while results are being taken in', async () => {
    const { context, rows, type, step, slack, channel, user } = await startWith(['It crashes']);
    await type();
    await step();
    await context.db.updateTable('batches').set({ stage: 'ended' }).execute();
    slack.post({ channel, user, text: 'It freezes' });
    await slack.idle();
    await indexWords(context);
    expect(await rows(sql`select ts from unindexed`)).toHaveLength(1);
    await context.db.updateTable('batches').set({ stage: 'collected' }).execute();
    await indexWords(context);
    expect(await rows(sql`select ts from unindexed`)).toEqual([]);
  });

  test('messages of two channels at the same moment are two', async () => {
    const stage = await startWith(['the export']);
    const { context, channel, sent } = stage;
    await context.db
      .insertInto('channels')
      .values({
        id: 'C0OTHER',
        name: null,
        state: 'member',
        since_ts: null,
        swept_ts: null,
        invited_by: null,
        offer: 'none',
      })
      .execute();
    const [row] = await context.db.selectFrom('messages').selectAll().execute();
    if (!row) throw new Error('no message');
    await context.db
      .insertInto('messages')
      .values({ ...row, channel: 'C0OTHER' })
      .execute();
    await indexWords(context);
    expect(await stage.rows(sql`select channel, ts from indexed order by id`)).toHaveLength(2);
    expect(await search(stage, 'export')).toMatch(/^1 message/);
    expect(links(stage)).toEqual([linkTo(sent[0])]);
    expect(channel).not.toBe('C0OTHER');
  });

  test('what is far behind says so', async () => {
    const stage = await startWith(['the newest export']);
    const { context, channel } = stage;
    const [row] = await context.db.selectFrom('messages').selectAll().execute();
    if (!row) throw new Error('no message');
    const old = Array.from({ length: 1200 }, (_, n) => ({
      ...row,
      ts: `17000${String(n).padStart(5, '0')}.000000`,
      text: `old export ${n}`,
    }));
    await context.db.insertInto('messages').values(old).execute();
    const shown = await search(stage, 'export');
    expect(shown).toContain('I am still reading');
    expect(links(stage)[0]).toBe(linkTo(stage.sent[0]));
    await catchUp(context.db, channel);
    expect(await search(stage, 'export')).toMatch(/^1,201 messages/);
  });
});

test('what Slack sends as tokens is searched, and shown, as it was typed', async () => {
  const stage = await startWith(['R&D asks for acme.com in the export']);
  const { slack, user } = stage;
  for (const typed of ['R&amp;D', '<http://acme.com|acme.com>']) {
    await stage.type(`search ${typed}`);
    const said = slack.ephemerals(user).at(-1)?.text ?? '';
    expect(said).toMatch(/^1 message/);
    expect(said).not.toMatch(/&amp;amp;|http:/);
  }
});
