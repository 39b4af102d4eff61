import path from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { DAY } from '../../demo/integrations/day.ts';
import { playIntegrations } from '../../demo/integrations/play.ts';
import { trackerTicket } from '../../demo/integrations/shapes.ts';
import { createBlockCheck } from '../../sim/slack/block-kit/validate.ts';
import { type People, startPeople, words } from '../people/stage.ts';

/**
 * A day of 60 posts of eight integrations, from the posts to the summary. The golden files are what
 * Claude is shown of each post, and what people then see.
 */

const golden = (name: string) =>
  path.join(import.meta.dirname, '../fixtures/integrations', `${name}.txt`);

/** What differs each time: the workspace that links lead to, and what was cached by then. */
const settle = (said: string) =>
  said.replace(/<http[^|>]+\|([^>]+)>/g, '$1').replace(/\$\d+\.\d+/g, '$0.00');

/** What Claude was shown of a message, without the tags around it. */
function readShown({ claude }: People, ts: string): string[] {
  const id = ts.replace('.', '_');
  return claude
    .batches()
    .flatMap(({ requests }) => requests)
    .filter(({ custom_id }) => custom_id.includes(id))
    .map(({ params }) => {
      const [{ content } = { content: '' }] = params.messages as { content: string }[];
      return /<message>\n([\s\S]*)\n<\/message>/.exec(content)?.[1] ?? content;
    });
}

test('what Claude is shown of each post, and the summary', async () => {
  const people = await startPeople([]);
  const { slack, channel, ben, cleo } = people;
  const sent = playIntegrations(slack, { channel, people: [ben, cleo] });
  expect(sent).toHaveLength(60);
  await slack.idle();
  await people.sumUp();
  const rows = await people.rows<{ ts: string; copy_of: string | null }>(
    sql`select ts, copy_of from messages`,
  );
  const originals = new Map(rows.map(({ ts, copy_of }) => [ts, copy_of]));
  const shown = sent.map((ts, index) => {
    const said = readShown(people, ts);
    const original = originals.get(ts) ?? null;
    // Each is judged once, in the words that it has after its edit; what is posted again is not.
    expect(said, ts).toHaveLength(original === null ? 1 : 0);
    const words = said[0] ?? `(the same as ${sent.indexOf(original ?? '') + 1})`;
    return `${index + 1}. ${DAY[index]?.by}\n${words}\n`;
  });
  await expect(shown.join('\n')).toMatchFileSnapshot(golden('shown'));

  const thread = slack.thread(channel, people.digest().ts);
  const said = thread.map(({ blocks }) => settle(words(blocks)).trim());
  await expect(`${said.join('\n\n———\n\n')}\n`).toMatchFileSnapshot(golden('summary'));
  const states = await people.rows(
    sql`select state, count(*) as n from messages group by state order by state`,
  );
  expect(states).toEqual([
    { state: 'copy', n: 2 },
    { state: 'dead', n: 1 },
    { state: 'judged', n: 57 },
  ]);
});

test('a ticket that only changes its status brings no further run', async () => {
  const people = await startPeople([]);
  const { slack, channel, ben, cleo, claude } = people;
  const at = DAY.findIndex(({ edit }) => JSON.stringify(edit ?? '').includes('In Progress'));
  const sent = playIntegrations(slack, { channel, people: [ben, cleo] });
  await slack.idle();
  await people.sumUp();
  const { length: calls } = claude.calls;
  const ticket = trackerTicket('APP-104', {
    by: 'Priya',
    title: 'Search finds nothing',
    says: 'Search returns an error for names with an umlaut.',
    priority: 'Medium',
    status: 'Done',
  });
  slack.edit({ channel, ts: sent[at] ?? '', text: '', ...ticket });
  await slack.idle();
  expect(await people.type()).toMatch(/^Nothing is pending/);
  expect(claude.calls).toHaveLength(calls);
});

test('Slack accepts the blocks of the day', () => {
  const check = createBlockCheck([]);
  const all = DAY.flatMap(({ post, edit }) => [post, ...(edit ? [edit] : [])]);
  for (const { blocks = [], attachments = [] } of all) {
    check.message(blocks, '');
    for (const { blocks: inside = [] } of attachments) check.message(inside, '');
  }
});
