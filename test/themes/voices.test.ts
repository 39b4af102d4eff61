import { describe, expect, test } from 'vitest';
import { drawWhy } from '../../src/listeners/modals/why.ts';
import { words } from '../people/stage.ts';
import { ALONE, DAY_MS, EXPORT, startThemed, type Themed } from './stage.ts';

/** Themes are told by how many people say the same, not by how many messages do. */

const FORM = { botId: 'B0FORMS', subtype: 'bot_message' };
const [FAILS = ''] = EXPORT;

/** Sums up, and reads what the summary and its thread say of themes. */
async function sumUp(stage: Themed): Promise<{ summary: string; rows: string[] }> {
  const { slack, channel } = stage;
  await slack.idle();
  await stage.type();
  await stage.settle();
  const parent = stage.posts().findLast(({ metadata }) => metadata?.event_type === 'winnow_digest');
  if (!parent) throw new Error('no summary');
  const themes = slack
    .thread(channel, parent.ts)
    .find(({ metadata }) => metadata?.event_type === 'winnow_themes');
  const rows = (themes?.blocks ?? []).flatMap((block) => {
    const { fields } = block as { fields?: { text: string }[] };
    return fields?.[0]?.text.replace(/ · since .*/, '') ?? [];
  });
  return { summary: `${parent.text}\n${words(parent.blocks)}`, rows };
}

describe('one voice is not several', () => {
  test('one author’s fifty messages', async () => {
    const stage = await startThemed();
    for (let n = 0; n < 50; n++) {
      stage.slack.post({ channel: stage.channel, user: stage.user, text: `${FAILS}, time ${n}` });
    }
    const { summary, rows } = await sumUp(stage);
    expect(summary).toContain('50 messages');
    expect(summary).not.toContain('Top theme');
    expect(rows).toEqual([]);
  });

  test.each([
    ['the same text', [FAILS, FAILS, FAILS]],
    [
      'with other numbers, times and marks',
      [`#1 ${FAILS}`, `Retry: #2 ${FAILS}!`, `#3 *${FAILS}*`],
    ],
  ])('a message that an integration sends three times: %s', async (_, texts) => {
    const stage = await startThemed();
    const { slack, channel, clock } = stage;
    // Copies of the same day count once anyway.
    for (const text of texts) {
      slack.post({ channel, ...FORM, text });
      await slack.idle();
      clock.jump(2 * DAY_MS);
    }
    const { summary, rows } = await sumUp(stage);
    expect(summary).toContain('3 messages');
    expect(summary).not.toContain('Top theme');
    expect(rows).toEqual([]);
  });

  test('one customer, whom an integration names each time, in other words', async () => {
    const stage = await startThemed();
    const { slack, channel } = stage;
    for (const said of EXPORT) {
      slack.post({ channel, ...FORM, text: `Customer: Jane Doe\n${said}` });
    }
    expect((await sumUp(stage)).rows).toEqual([]);
  });
});

describe('several voices are', () => {
  test('three people, however much one of them writes', async () => {
    const stage = await startThemed();
    await stage.post(EXPORT);
    for (let n = 0; n < 4; n++) {
      stage.slack.post({ channel: stage.channel, user: stage.user, text: `${FAILS}, time ${n}` });
    }
    const { summary, rows } = await sumUp(stage);
    expect(summary).toMatch(/Top theme: “.*” \(4 people\)/);
    expect(rows).toEqual(['4 people · 7 messages in 30 days · new']);
  });

  test('three customers of one integration, and three texts that name nobody', async () => {
    const stage = await startThemed();
    const { slack, channel } = stage;
    for (const who of ['Jane Doe', 'Max Muster', 'Ida Nord']) {
      slack.post({ channel, ...FORM, text: `Customer: ${who}\n${FAILS}` });
    }
    expect((await sumUp(stage)).rows).toEqual(['3 people in 30 days · new']);
    const [, second = '', third = ''] = EXPORT;
    for (const text of [FAILS, second, third]) slack.post({ channel, ...FORM, text });
    expect((await sumUp(stage)).rows).toEqual(['6 people in 30 days ↗ · 3 people now']);
  });
});

test('the modals of a theme and of a verdict count the same people', async () => {
  const stage = await startThemed();
  const { slack, channel, user } = stage;
  const [first = ''] = await stage.post([FAILS, ALONE]);
  for (let n = 0; n < 2; n++) slack.post({ channel, user, text: `${FAILS}, time ${n}` });
  expect((await sumUp(stage)).rows).toEqual(['2 people · 3 messages in 30 days · new']);
  const why = await drawWhy(stage.context, { channel, ts: first });
  expect(words((why as { blocks: unknown }).blocks)).toContain('2 people · 3 messages');
});
