import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { THEMES } from '../../src/slack/blocks/actions.ts';
import { flattenBlocks } from '../../src/slack/blocks/flatten.ts';
import { openHome } from '../people/homes.ts';
import { DARK, startThemed, type Themed } from './stage.ts';

/** Topics: Claude proposes what several themes are sides of; people decide, and can take it back. */

const CONTACTS = ['Needless permission for contacts', 'Contacts: needless permission'];
const REVOKE = ['Revoking a permission achieves nothing', 'Nothing when revoking the permission'];

let stage: Themed;
beforeEach(async () => {
  stage = await startThemed({ onDisk: true });
});

const digestTs = () =>
  stage.posts().findLast(({ metadata }) => metadata?.event_type === 'winnow_digest')?.ts ?? '';

const post = () => {
  const found = stage.slack
    .thread(stage.channel, digestTs())
    .find(({ metadata }) => metadata?.event_type === 'winnow_themes');
  if (!found) throw new Error('no post of the themes');
  return found;
};

const said = () => flattenBlocks('', post().blocks as never);

const rest = async () => {
  await stage.slack.idle();
  await stage.settle();
};

async function click(action: 'group' | 'separate' | 'ungroup', user = stage.user) {
  const { slack, channel } = stage;
  const blockId = (post().blocks ?? [])
    .map(({ block_id }) => String(block_id))
    .find((id) => id.startsWith('about-topic-'));
  await slack.click({ user, channel, ts: post().ts, actionId: THEMES[action], blockId });
}

async function press(action: 'group' | 'separate' | 'ungroup', user = stage.user) {
  await click(action, user);
  await rest();
}

const topics = () =>
  stage.rows(sql<{ title: string; state: string }>`select title, state from topics order by id`);

describe('themes that share a matter', () => {
  test('are proposed as a topic, and nothing is grouped', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    expect(stage.named()).toHaveLength(1);
    expect(stage.named()[0]).toContain(CONTACTS[0]);
    expect(await topics()).toEqual([{ title: 'Permission', state: 'proposed' }]);
    expect(said()).toContain('may be one topic: Permission, 4 people.');
    expect(JSON.stringify(post().blocks)).toContain(THEMES.group);
    expect(JSON.stringify(post().blocks)).not.toContain(THEMES.ungroup);
    // Both requests are on the bill of the run.
    expect(await stage.rows(sql`select requests, stage from groupings`)).toEqual([
      { requests: 2, stage: 'done' },
    ]);
  });

  test('are not asked about again until there is a new one', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    await press('separate');
    await stage.day([CONTACTS[0] ?? '']);
    expect(stage.named()).toHaveLength(1);
  });

  test('are not asked about while several people have said only one of them', async () => {
    await stage.day([...CONTACTS, REVOKE[0] ?? '']);
    expect(stage.named()).toEqual([]);
  });
});

describe('a topic that somebody accepts', () => {
  test('is shown with its asks in the thread, the summary, the Home tab and a search', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    await press('group');
    const line = /Permission: 4 people · .* 2, .* 2/;
    expect(said()).toMatch(line);
    expect(said()).toContain('grouped by ana');
    expect(said()).not.toContain('may be one topic');
    const parent = stage.posts().find(({ ts }) => ts === digestTs());
    expect(flattenBlocks('', parent?.blocks as never)).toMatch(
      /Permission> · 4 people: .* 2 and 1 more/,
    );
    await stage.type('search permission');
    const found = stage.slack.ephemerals(stage.user).at(-1);
    expect(flattenBlocks('', found?.blocks as never)).toMatch(/Permission: 4 people · /);
    const home = await openHome(stage, stage.user);
    expect(home).toContain('Topics of the last 30 days');
    expect(home).toMatch(/Permission: 4 people · .* 2, .* 2/);
  });

  test('counts a person once who says two of its asks', async () => {
    const { slack, channel } = stage;
    const both = slack.addUser({ name: 'both' });
    slack.post({ channel, user: both, text: CONTACTS[0] ?? '' });
    slack.post({ channel, user: both, text: REVOKE[0] ?? '' });
    await stage.day([CONTACTS[1] ?? '', REVOKE[1] ?? '']);
    await press('group');
    expect(said()).toMatch(/Permission: 3 people · .* 2, .* 2/);
  });

  test('is taken apart again with a button, and never proposed a second time', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    await press('group');
    await press('ungroup');
    expect(await topics()).toEqual([{ title: 'Permission', state: 'undone' }]);
    expect(said()).not.toContain('Permission:');
    await stage.day([...CONTACTS, ...REVOKE, ...DARK]);
    expect(stage.named()).toHaveLength(2);
    expect(await topics()).toHaveLength(1);
  });

  test('is offered what people say of it later', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    await press('group');
    await stage.day(['Permission dialog freezes', 'Frozen: the permission dialog freezes']);
    const [, second = ''] = stage.named();
    expect(second).toContain('<topic>\nPermission\n</topic>');
    // What is under it already is not asked about again.
    expect(second).not.toContain(CONTACTS[0]);
  });

  test('is none any more when only one of its asks is left', async () => {
    const { slack, channel } = stage;
    const [one = '', two = ''] = await stage.day([...CONTACTS, ...REVOKE]);
    await press('group');
    slack.delete({ channel, ts: one });
    slack.delete({ channel, ts: two });
    await rest();
    expect(said()).not.toContain('Permission:');
  });

  test('is decided on once: who comes second is told so', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    await click('separate');
    await click('group');
    await rest();
    expect(await topics()).toEqual([{ title: 'Permission', state: 'apart' }]);
    const acts = await stage.rows(sql`select kind, state, refusal from theme_acts order by id`);
    expect(acts).toEqual([
      { kind: 'separate', state: 'taken', refusal: null },
      { kind: 'group', state: 'refused', refusal: 'moot' },
    ]);
  });

  test('is decided on by members only', async () => {
    await stage.day([...CONTACTS, ...REVOKE]);
    const guest = stage.slack.addUser({ name: 'gast', isRestricted: true });
    stage.slack.join(stage.channel, guest);
    await press('group', guest);
    expect(await topics()).toEqual([{ title: 'Permission', state: 'proposed' }]);
  });
});

describe('when Claude', () => {
  const isTopics = (_: string, text: string) =>
    text.includes('<ask') || text.includes(CONTACTS[0] ?? '');

  test('gives useless answers, the summary comes without topics', async () => {
    stage.claude.faults.addItem({
      outcome: 'not_json',
      match: (id, text) => id === '' && isTopics(id, text),
    });
    await stage.day([...CONTACTS, ...REVOKE]);
    expect(digestTs()).not.toBe('');
    expect(await topics()).toEqual([]);
    expect(await stage.rows(sql`select stage from groupings`)).toEqual([{ stage: 'done' }]);
  });

  test('names ids that it was not given, these are ignored', async () => {
    stage.claude.faults.addItem({ outcome: 'strange_ids', match: (id) => id === '' });
    await stage.day([...CONTACTS, ...REVOKE]);
    expect(await topics()).toEqual([{ title: 'Permission', state: 'proposed' }]);
  });
});

test('neither the summary nor the Home tab reads whole tables for topics', async () => {
  stage = await startThemed({ watchPlans: true });
  await stage.day([...CONTACTS, ...REVOKE]);
  await press('group');
  await openHome(stage, stage.user);
  await rest();
  expect(await stage.wholeReads()).toEqual([]);
});
