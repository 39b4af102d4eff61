import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { DAY_MS, type People, startPeople } from '../../people/stage.ts';

/** Integrations that edit their posts: what is judged, what is told again, what nobody notices. */

const TICKET = { botId: 'B0JIRA', subtype: 'bot_message' };

async function startTicket(text: string, options?: Parameters<typeof startPeople>[1]) {
  const people = await startPeople([], options);
  const ts = people.slack.post({ channel: people.channel, ...TICKET, text });
  await people.rest();
  return { people, ts };
}

async function edit({ slack, channel }: People, ts: string, text: string): Promise<void> {
  slack.edit({ channel, ts, text });
  await slack.idle();
}

/** A run during which the post becomes another text. */
async function sumUpWhileEdited(people: People, ts: string, text: string): Promise<void> {
  people.claude.holdBatches(true);
  await people.type();
  let rounds = 0;
  await people.settle(() => ++rounds > 4);
  await edit(people, ts, text);
  people.claude.holdBatches(false);
  people.claude.endBatch();
  await people.rest();
}

const verdicts = (people: People) =>
  people.rows(
    sql<{ gist: string; revision: number }>`select gist, revision from verdicts order by id`,
  );

describe('edited in every run', () => {
  test('the verdict on the older text counts, and the newer text is judged next', async () => {
    const { people, ts } = await startTicket('Ticket 7: It crashes in version 0');
    for (let n = 1; n <= 3; n++) {
      await sumUpWhileEdited(people, ts, `Ticket 7: It crashes in version ${n} too`);
      expect(people.reactionsOf(ts)).toContain('bug');
      expect(people.list('bug')).toContain(`version ${n - 1}`);
    }
    expect((await verdicts(people)).map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(await people.type('status')).toContain('1 message');
    await people.sumUp();
    expect(people.list('bug')).toContain('version 3');
    expect(await people.rows(sql`select state, again from messages`)).toEqual([
      { state: 'judged', again: 0 },
    ]);
  });

  test('a counter: it is judged once', async () => {
    const { people, ts } = await startTicket('Ticket 7: It crashes\nViews: 0');
    for (let n = 1; n <= 4; n++)
      await sumUpWhileEdited(people, ts, `Ticket 7: It crashes\nViews: ${n}`);
    expect(people.reactionsOf(ts)).toContain('bug');
    expect(await verdicts(people)).toHaveLength(1);
  });

  test('a canceled run leaves the newer text to the next one', async () => {
    const { people, ts } = await startTicket('Ticket 7: It crashes');
    await sumUpWhileEdited(people, ts, 'Ticket 7: I love it');
    people.claude.holdBatches(true);
    await people.type();
    let rounds = 0;
    await people.settle(() => ++rounds > 4);
    await people.type('cancel');
    people.claude.holdBatches(false);
    await people.rest();
    await people.sumUp();
    expect(people.reactionsOf(ts)).toEqual(['tada']);
  });
});

describe('an edit that says the same', () => {
  test('brings no summary, no further card and costs nothing; the newer text is shown', async () => {
    const says = 'Ticket 7: It crashes when I save';
    const { people, ts } = await startTicket(`${says}\nStatus: open`);
    await people.sumUp();
    await people.press(people.ben, ts, 'resolve');
    const posts = people.posts().length;
    await edit(people, ts, `${says}\nStatus: working`);
    await people.sumUp();
    expect(people.cards(ts)).toHaveLength(1);
    expect(people.posts()).toHaveLength(posts);
    expect(people.claude.batches()).toHaveLength(1);
    expect(await people.rows(sql`select text from messages`)).toEqual([
      { text: `${says}\nStatus: working` },
    ]);
  });
});

describe('a schedule', () => {
  const daily = { settings: { summarySchedule: '0 9 * * *' } };
  const nextDay = async (people: People) => {
    people.clock.jump(DAY_MS);
    await people.rest();
  };
  const summaries = (people: People) =>
    people.posts().filter(({ metadata }) => metadata?.event_type === 'winnow_digest').length;

  test('posts nothing for edits alone; they come with the next news', async () => {
    const { people, ts } = await startTicket('Ticket 7: I love the new look', daily);
    await nextDay(people);
    expect(summaries(people)).toBe(1);
    await edit(people, ts, 'Ticket 7: I love the new look and the icons');
    await nextDay(people);
    await nextDay(people);
    expect(summaries(people)).toBe(1);
    expect(await verdicts(people)).toHaveLength(2);
    people.slack.post({ channel: people.channel, user: people.user, text: 'I love it too' });
    await people.slack.idle();
    await nextDay(people);
    expect(summaries(people)).toBe(2);
    expect(people.list('praise')).toContain('and the icons');
  });

  test('posts an edit that needs attention', async () => {
    const { people, ts } = await startTicket('Ticket 7: I love the new look', daily);
    await nextDay(people);
    await edit(people, ts, 'Ticket 7: It crashes when I save');
    await nextDay(people);
    expect(summaries(people)).toBe(2);
    expect(people.stateOf(ts)).toBe('open');
  });

  test('a person who asks gets the edits at once', async () => {
    const { people, ts } = await startTicket('Ticket 7: I love the new look');
    await people.sumUp();
    await edit(people, ts, 'Ticket 7: I love the new look and the icons');
    await people.sumUp();
    expect(summaries(people)).toBe(2);
  });
});
