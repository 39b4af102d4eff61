import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SimMessage } from '../../sim/slack/types.ts';
import { UNSURE } from '../../src/slack/blocks/actions.ts';
import { BUG, IDEA, type People, PRAISE, startPeople, startSummedUp, words } from './stage.ts';

/** "Not sure about these: which is right?": people choose, and what they choose teaches. */

const ASKS = { settings: { unsureBelow: 1 } };

interface Row {
  block_id?: string;
  elements?: { action_id: string; value?: string }[];
}

function post({ slack, channel, digest }: People): SimMessage | undefined {
  return slack
    .thread(channel, digest().ts)
    .find(({ metadata }) => metadata?.event_type === 'winnow_unsure');
}

const said = (people: People) => words(post(people)?.blocks);

const rowOf = (people: People, ts: string) =>
  (post(people)?.blocks as Row[] | undefined)?.find(({ block_id }) => block_id?.includes(ts));

/** Presses a button about a message, and waits until the bot is done with it. */
async function choose(people: People, user: string, ts: string, pick: 'same' | 'other' | 'undo') {
  const { slack, channel, woken, waitFor } = people;
  const row = rowOf(people, ts);
  const [{ category } = { category: '' }] = await people.rows(
    sql<{ category: string }>`select category from verdicts where ts = ${ts} order by id limit 1`,
  );
  const button = row?.elements?.find(({ action_id, value }) =>
    pick === 'undo'
      ? action_id === UNSURE.undo
      : value !== undefined && (value === category) === (pick === 'same'),
  );
  if (!button) throw new Error(`no such button about ${ts}`);
  const before = woken.length;
  const where = { user, channel, ts: post(people)?.ts ?? '', blockId: String(row?.block_id) };
  expect(await slack.click({ ...where, actionId: button.action_id })).toMatchObject({
    acked: true,
  });
  await waitFor(() => woken.slice(before).includes('act'), { what: 'the answer to be taken' });
  await people.rest();
  return button.value ?? '';
}

const examples = (people: People) => people.rows(sql<{ ts: string }>`select ts from examples`);

test('from a message to a click to an example', async () => {
  const people = await startSummedUp([BUG, PRAISE], ASKS);
  const { ben, slack, channel, user, claude } = people;
  const [ts = ''] = people.sent;
  expect(said(people)).toContain('Not sure about these: which is right?');
  expect(said(people)).toContain(BUG);
  const chosen = await choose(people, ben, ts, 'other');
  expect(chosen).not.toBe('bug');
  expect(await people.acts()).toMatchObject([
    { kind: 'correct', category: chosen, user: ben, source: 'button', state: 'taken' },
  ]);
  expect(said(people)).toMatch(/, says ben/);
  expect(await examples(people)).toEqual([{ ts }]);
  slack.post({ channel, user, text: `${BUG} again` });
  await slack.idle();
  await people.sumUp();
  const shown = JSON.stringify(claude.batches().flatMap(({ requests }) => requests));
  expect(shown).toContain(`category=\\"${chosen}\\"`);
});

test('agreeing confirms, and either answer is undone', async () => {
  const people = await startSummedUp([BUG], ASKS);
  const { ben, cleo } = people;
  const [ts = ''] = people.sent;
  for (const pick of ['same', 'other'] as const) {
    await choose(people, ben, ts, pick);
    expect(rowOf(people, ts)?.elements?.map(({ action_id }) => action_id)).toEqual([UNSURE.undo]);
    await choose(people, cleo, ts, 'undo');
    expect(said(people)).not.toContain('says');
    expect(await examples(people)).toEqual([]);
  }
  expect((await people.acts()).map(({ kind }) => kind)).toEqual([
    'confirm',
    'undo',
    'correct',
    'undo',
  ]);
});

describe('what is asked', () => {
  const texts = [BUG, IDEA, PRAISE, 'It fails', 'How do I export?', 'The menu is slow', 'Why?'];

  test('the five least sure, the least sure first, and none that a person has judged', async () => {
    const people = await startPeople(texts, ASKS);
    const [judged = ''] = people.sent;
    people.slack.react({ channel: people.channel, ts: judged, user: people.ben, name: 'bug' });
    await people.rest();
    await people.sumUp();
    const rows = await people.rows(
      sql<{ ts: string }>`select ts from verdicts where person is null and ts != ${judged}
        order by confidence, ts limit 5`,
    );
    const asked = (post(people)?.blocks as Row[] | undefined)?.flatMap(
      ({ block_id }) => /^about-\w+-(\d+\.\d+)/.exec(block_id ?? '')?.[1] ?? [],
    );
    expect(asked).toEqual(rows.map(({ ts }) => ts));
    expect(asked).toHaveLength(5);
    expect(asked).not.toContain(judged);
  });

  test('a post that an integration repeats once', async () => {
    const people = await startPeople([], ASKS);
    const { slack, channel } = people;
    for (let n = 0; n < 3; n++) {
      slack.post({ channel, botId: 'B0PORTAL', subtype: 'bot_message', text: BUG });
    }
    await slack.idle();
    await people.sumUp();
    expect(said(people).split(BUG)).toHaveLength(2);
  });

  test('nothing of what is sure', async () => {
    const people = await startSummedUp([BUG], { settings: { unsureBelow: 0.1 } });
    expect(post(people)).toBeUndefined();
  });

  test('*Something else…* opens the modal with all categories', async () => {
    const people = await startSummedUp([BUG], ASKS);
    const { slack, channel, ben } = people;
    const [ts = ''] = people.sent;
    const where = { user: ben, channel, ts: post(people)?.ts ?? '' };
    const blockId = String(rowOf(people, ts)?.block_id);
    await slack.click({ ...where, blockId, actionId: UNSURE.other });
    const [view] = await slack.waitFor(() => (slack.views.length > 0 ? slack.views : undefined));
    expect(JSON.stringify(view?.view)).toContain('Triage this message');
  });
});

test('a guest may not answer', async () => {
  const people = await startSummedUp([BUG], ASKS);
  const { slack, channel } = people;
  const [ts = ''] = people.sent;
  const guest = slack.addUser({ name: 'guest', isRestricted: true });
  slack.join(channel, guest);
  await choose(people, guest, ts, 'same');
  expect(said(people)).not.toContain('says');
  expect(people.told(guest)).toHaveLength(1);
});
