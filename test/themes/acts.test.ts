import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { THEMES } from '../../src/slack/blocks/actions.ts';
import { interfere } from '../interfere.ts';
import { words } from '../people/stage.ts';
import { ALONE, DARK, EXPORT, startThemed, type Themed } from './stage.ts';

/** People look at themes, take out what is not of one, and decide what is the same. */

let stage: Themed;
let sent: string[];
beforeEach(async () => {
  stage = await startThemed({ onDisk: true });
  sent = await stage.day([...EXPORT, ...DARK, ALONE]);
});

const digestTs = () =>
  stage.posts().findLast(({ metadata }) => metadata?.event_type === 'winnow_digest')?.ts ?? '';

function post(of = digestTs()) {
  const found = stage.slack
    .thread(stage.channel, of)
    .find(({ metadata }) => metadata?.event_type === 'winnow_themes');
  if (!found) throw new Error('no post of the themes');
  return found;
}

/** The rows: title, people of this summary, people in 30 days. */
function rows(of?: string): (string | number)[][] {
  return (post(of).blocks ?? []).flatMap((block) => {
    const { text, fields } = block as { text?: { text: string }; fields?: { text: string }[] };
    const said = fields?.[0]?.text ?? '';
    const month = /^(\d+) pe/.exec(said)?.[1];
    const now = / (\d+) pe\w+ now/.exec(said)?.[1] ?? month;
    return month ? [[text?.text ?? '', Number(now), Number(month)]] : [];
  });
}

const rest = async () => {
  await stage.slack.idle();
  await stage.settle();
};

/** Opens the modal of the theme that is told of first. */
async function look(user = stage.user, blockId?: string) {
  const { slack, channel } = stage;
  const before = new Set(slack.views.map(({ id }) => id));
  const first = post().blocks?.find(({ block_id }) => String(block_id).startsWith('about-theme-'));
  await slack.click({
    user,
    channel,
    ts: post().ts,
    actionId: THEMES.look,
    blockId: blockId ?? String(first?.block_id),
  });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** Presses the button of a message in a modal. */
async function press(
  { id, hash, view }: Awaited<ReturnType<typeof look>>,
  action: 'out' | 'back',
  ts: string,
  user = stage.user,
) {
  const { slack } = stage;
  const block = (view.blocks as { block_id?: string }[]).find(({ block_id }) =>
    block_id?.endsWith(ts),
  );
  await slack.click({
    user,
    viewId: id,
    actionId: THEMES[action],
    blockId: String(block?.block_id),
  });
  const drawn = await slack.waitFor(() =>
    slack.views.find((one) => one.id === id && one.hash !== hash),
  );
  await rest();
  return drawn;
}

const buttons = (view: { blocks?: unknown }) =>
  (view.blocks as { accessory?: { action_id: string } }[]).flatMap(
    ({ accessory }) => accessory?.action_id ?? [],
  );

test('the themes are in the thread, as rows and with what can be done about them', async () => {
  expect(rows()).toEqual([
    [EXPORT[0], 3, 3],
    [DARK[0], 2, 2],
  ]);
  const modal = await look();
  expect(words(modal.view.blocks)).toContain('3 people · 3 messages about this');
  expect(buttons(modal.view)).toEqual([THEMES.out, THEMES.out, THEMES.out]);
});

const OTHERS = [
  'Calendar invitations drop when syncing',
  'Invoices show wrong totals',
  'Passwords expire too early',
  'Webhooks retry forever',
];

test('all of them open in a modal, in the order and of the kind that one chooses', async () => {
  const { slack, channel, user } = stage;
  const twice = (text: string) => [`${text} again`, `${text} today`];
  await stage.post(DARK);
  stage.clock.jump(3_600_000);
  await stage.day([...EXPORT, ...OTHERS.flatMap(twice)]);
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.click({ user, channel, ts: post().ts, actionId: THEMES.all });
  const opened = await slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
  const titles = (view: { blocks?: unknown }) =>
    (view.blocks as { type: string; text?: { text: string } }[]).flatMap(({ type, text }) =>
      type === 'section' ? [text?.text] : [],
    );
  const all = titles(opened.view);
  expect(all.length).toBeGreaterThan(5);
  await slack.click({ user, viewId: opened.id, actionId: THEMES.order, selectedOption: 'oldest' });
  const ordered = await slack.waitFor(() =>
    slack.views.find(({ id, hash }) => id === opened.id && hash !== opened.hash),
  );
  expect(titles(ordered.view)).not.toEqual(all);
  expect(titles(ordered.view).toSorted()).toEqual(all.toSorted());
  await slack.click({ user, viewId: opened.id, actionId: THEMES.show, selectedOption: 'quiet' });
  const quiet = await slack.waitFor(() =>
    slack.views.find(({ id, hash }) => id === opened.id && hash !== ordered.hash),
  );
  expect(titles(quiet.view)).toEqual([]);
});

test('three hundred themes with long titles fit into the modal, in each order', async () => {
  const { slack, channel, user, context, clock } = stage;
  await addThemes(300, 'Whatever is done, the export of long reports to PDF fails <&> '.repeat(4));
  await sql`update runs set stale_since = ${clock.now()}, stale_at = ${clock.now()}`.execute(
    context.db,
  );
  await rest();
  expect(words(post().blocks)).toContain('All themes');
  const before = new Set(slack.views.map(({ id }) => id));
  await slack.click({ user, channel, ts: post().ts, actionId: THEMES.all });
  const opened = await slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
  const shown = () => slack.views.find(({ id }) => id === opened.id) ?? opened;
  for (const order of ['month', 'newest', 'oldest']) {
    const { hash } = shown();
    const selected = { actionId: THEMES.order, selectedOption: order };
    await slack.click({ user, viewId: opened.id, ...selected });
    const { view } = await slack.waitFor(() => shown().hash !== hash && shown());
    expect((view.blocks as object[]).length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(view.blocks)).toContain('All (302)');
    expect(words(view.blocks)).toContain('and 212 more themes');
  }
});

/** Themes of two people each, told of in the same digest: copies of the first one. */
async function addThemes(count: number, title: string): Promise<void> {
  const { db } = stage.context;
  const message = await db
    .selectFrom('messages')
    .selectAll()
    .where('ts', '=', sent[0] ?? '')
    .executeTakeFirstOrThrow();
  const { channel, digest, revision } = message;
  const second = Number(message.ts.split('.')[0]);
  for (let n = 0; n < count; n++) {
    const copies = [2 * n + 1, 2 * n + 2].map((i) => ({
      ...message,
      voice: `U${i}`,
      ts: `${second - i}.${String(i).padStart(6, '0')}`,
    }));
    const id = 1001 + n;
    const theme = { id, channel, title, named_by: copies[1]?.ts ?? '', run: digest };
    await db.insertInto('messages').values(copies).execute();
    await db
      .insertInto('themes')
      .values({ ...theme, created_at: 0, touched_at: 0, indexed: 1 })
      .execute();
    await db
      .insertInto('theme_members')
      .values(copies.map(({ ts }) => ({ channel, ts, theme: id, revision, at: 0 })))
      .execute();
  }
}

describe('what is not of a theme', () => {
  test('is taken out, and everything follows; put back, all is as before', async () => {
    const [one = '', , three = ''] = sent;
    const before = { rows: rows(), themes: await stage.themes() };
    const taken = await press(await look(), 'out', one);
    expect(words(taken.view.blocks)).toContain('Removed by ana:');
    expect(buttons(taken.view)).toEqual([THEMES.out, THEMES.out, THEMES.back]);
    // It had given the theme its name.
    expect(new Set(rows().map(([title]) => title))).toEqual(new Set([EXPORT[1], DARK[0]]));
    expect(rows()).toContainEqual([EXPORT[1], 2, 2]);
    const summary = stage.slack.message(stage.channel, digestTs());
    expect(words(summary?.blocks)).toContain('· 2 people');
    const back = await press(taken, 'back', one);
    expect(buttons(back.view)).toEqual([THEMES.out, THEMES.out, THEMES.out]);
    expect(rows()[0]?.slice(1)).toEqual(before.rows[0]?.slice(1));
    expect((await stage.themes())[EXPORT[1] ?? '']).toContain(three);
    expect(Object.values(await stage.themes())[0]).toHaveLength(3);
  });

  test('is never put back by Claude, also when it is edited', async () => {
    const [one = ''] = sent;
    await press(await look(), 'out', one);
    const { slack, channel } = stage;
    slack.edit({ channel, ts: one, text: 'Safari cannot do the export to PDF, it fails' });
    await slack.idle();
    await stage.day([]);
    const [request] = await stage.rows(
      sql<{ themes: string | null }>`
        select themes from requests where ts = ${one} order by batch desc limit 1`,
    );
    const [old] = await stage.rows(
      sql<{ id: number }>`select taken_from as id from theme_members where ts = ${one}`,
    );
    expect(JSON.parse(request?.themes ?? '[]')).not.toContain(old?.id);
    const [now] = await stage.rows(
      sql<{ theme: number }>`select theme from theme_members where ts = ${one}`,
    );
    expect(now?.theme).not.toBe(old?.id);
  });

  test('is joined by others', async () => {
    const [one = ''] = sent;
    await press(await look(), 'out', one);
    const [theme] = await stage.rows(
      sql<{ theme: number }>`select theme from theme_members where ts = ${one}`,
    );
    const [more = ''] = await stage.post(['Anything at all']);
    await stage.type();
    await stage.settle(() => stage.claude.batches().length === 2);
    const [request] = await stage.rows(sql`select themes from requests where ts = ${more}`);
    expect(request).toEqual({ themes: null });
    expect(theme?.theme).toBeGreaterThan(0);
  });

  test('is not for guests to say', async () => {
    const { slack, channel } = stage;
    const guest = slack.addUser({ name: 'gus', isRestricted: true });
    slack.join(channel, guest);
    await slack.idle();
    const refused = await press(await look(guest), 'out', sent[0] ?? '', guest);
    expect(words(refused.view.blocks)).toContain('Guests can read the summary');
    expect(rows()[0]).toEqual([EXPORT[0], 3, 3]);
    expect(await stage.rows(sql`select state, refusal from theme_acts`)).toEqual([
      { state: 'refused', refusal: 'guest' },
    ]);
  });

  test('is taken after a restart when the process died right after it was pressed', async () => {
    const [one = ''] = sent;
    const modal = await look();
    const end = await interfere(stage.context.db, {
      on: 'before update on theme_acts',
      fails: 'the process dies',
    });
    const { slack } = stage;
    const block = (modal.view.blocks as { block_id?: string }[]).find(({ block_id }) =>
      block_id?.endsWith(one),
    );
    await slack.click({
      user: stage.user,
      viewId: modal.id,
      actionId: THEMES.out,
      blockId: String(block?.block_id),
    });
    expect(await stage.rows(sql`select state from theme_acts`)).toEqual([{ state: 'asked' }]);
    await end();
    await stage.restart();
    await stage.settle();
    expect(await stage.rows(sql`select state from theme_acts`)).toEqual([{ state: 'taken' }]);
    expect(rows()).toContainEqual([EXPORT[1], 2, 2]);
  });
});

describe('two that may be the same', () => {
  /** Says both in one, so that Claude takes them for one. */
  const BOTH = 'Safari export fails and so does the dark mode editor';

  beforeEach(async () => {
    const off = stage.claude.faults.addItem({ outcome: 'strange_ids', match: (id) => id !== '' });
    await stage.day([BOTH, 'Please add a calendar with week numbers']);
    off();
  });

  const merges = () =>
    stage.rows(sql<{ id: number; state: string }>`select id, state from theme_merges`);

  async function decide(action: 'merge' | 'apart' | 'unmerge') {
    const { slack, channel, user } = stage;
    const block = post().blocks?.find(({ block_id }) =>
      String(block_id).startsWith('about-merge-'),
    );
    await slack.click({
      user,
      channel,
      ts: post().ts,
      actionId: THEMES[action],
      blockId: String(block?.block_id),
    });
    await rest();
  }

  test('are not merged before a person says so', async () => {
    expect(await merges()).toEqual([{ id: 1, state: 'proposed' }]);
    expect(words(post().blocks)).toContain('may be the same.');
    expect(Object.keys(await stage.themes())).toEqual(expect.arrayContaining([EXPORT[0], DARK[0]]));
  });

  test('are merged, what comes later joins, and the merge can be undone', async () => {
    const before = await stage.themes();
    await decide('merge');
    expect(await merges()).toEqual([{ id: 1, state: 'merged' }]);
    expect(words(post().blocks)).toContain('ana merged “');
    expect((await stage.themes())[EXPORT[0] ?? '']).toHaveLength(6);
    const [later = ''] = await stage.day(['Safari: export to PDF fails']);
    expect((await stage.themes())[EXPORT[0] ?? '']).toContain(later);
    await decide('unmerge');
    expect(await merges()).toEqual([{ id: 1, state: 'undone' }]);
    const after = await stage.themes();
    expect(after[DARK[0] ?? '']).toEqual(before[DARK[0] ?? '']);
    // What joined the merged one stays where it is.
    expect(after[EXPORT[0] ?? '']).toEqual([...(before[EXPORT[0] ?? ''] ?? []), later]);
  });

  test('are kept apart, and are not proposed again', async () => {
    await decide('apart');
    expect(await merges()).toEqual([{ id: 1, state: 'dismissed' }]);
    expect(words(post().blocks)).not.toContain('may be the same.');
    stage.claude.faults.addItem({ outcome: 'strange_ids', match: (id) => id !== '' });
    await stage.day([`${BOTH} again`, 'Please add birthdays of colleagues']);
    expect(stage.asked()).toHaveLength(3);
    expect(await merges()).toEqual([{ id: 1, state: 'dismissed' }]);
  });

  test('an act that comes too late comes to nothing', async () => {
    const stale = post();
    await decide('apart');
    const { slack, channel, user } = stage;
    await stage.context.db
      .insertInto('theme_acts')
      .values({
        channel,
        user,
        kind: 'merge',
        ts: null,
        theme: null,
        merge: 1,
        state: 'asked',
        refusal: null,
        at: stage.clock.now(),
      })
      .execute();
    await rest();
    expect(await merges()).toEqual([{ id: 1, state: 'dismissed' }]);
    expect(slack.message(channel, stale.ts)).toBeDefined();
  });
});

test('Why? says which theme a message is in', async () => {
  const { drawWhy } = await import('../../src/listeners/modals/why.ts');
  const { context, channel } = stage;
  const view = await drawWhy(context, { channel, ts: sent[0] ?? '' });
  expect(words((view as { blocks: unknown }).blocks)).toContain(`${EXPORT[0]} · 3 people`);
  const alone = await drawWhy(context, { channel, ts: sent.at(-1) ?? '' });
  expect(words((alone as { blocks: unknown }).blocks)).not.toContain('The theme');
});
