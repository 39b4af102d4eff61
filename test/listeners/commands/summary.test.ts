import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Stage, type StageOptions, startStage, startWith } from '../../harness.ts';
import { words } from '../../people/stage.ts';
import { ALONE, DARK, startThemed } from '../../themes/stage.ts';

const DAY_MS = 24 * 3_600_000;

async function startJudged(texts: string[], options?: StageOptions) {
  const stage = await startWith(texts, options);
  await stage.type();
  await stage.settle();
  return stage;
}

/** Four messages on each of five days, so that a chart of them says something. */
async function startDays(options?: StageOptions) {
  const stage = await startWith([], options);
  const { slack, channel, user, clock } = stage;
  for (let day = 0; day < 5; day += 1) {
    clock.jump(DAY_MS);
    for (let n = 0; n < 4; n += 1) slack.post({ channel, user, text: `It crashes on ${day}.${n}` });
    await slack.idle();
  }
  await stage.type();
  await stage.settle();
  return stage;
}

/** What is at once said, and the summary that follows. */
async function sumUp(stage: Stage, typed = '') {
  const answer = await stage.type(`summary ${typed}`);
  const posts = stage.posts().length;
  await stage.settle();
  expect(stage.posts()).toHaveLength(posts);
  const shown = stage.slack.ephemerals(stage.user).at(-1);
  if (!shown) throw new Error('nothing was shown');
  return { answer, shown, text: `${words(shown.blocks)}\n${shown.text}` };
}

test('says at once that it comes, then shows the numbers of the time to the asker alone', async () => {
  const stage = await startJudged([
    'It crashes when I save',
    'Please add a dark mode',
    'I love it',
  ]);
  const { answer, shown, text } = await sumUp(stage, '7d');
  expect(answer).toBe('Summing up the last 7 days, visible only to you.');
  expect(shown.channel).toBe(stage.channel);
  expect(shown.text).toMatch(/^Feedback, .*: 3 messages\. 1 needs attention\./);
  expect(text).toContain('It crashes when I save');
  // The bot knows nothing of the week before.
  expect(text).not.toMatch(/[▲▼]/);
  expect(text).toContain('“I love it”');
  // Three messages show no course.
  expect(JSON.stringify(shown.blocks)).not.toContain('data_visualization');
  expect(stage.slack.pings(shown)).toEqual([]);
  const urls = stage.slack.links(shown).map(({ url }) => url);
  expect(urls.length).toBeGreaterThan(1);
  for (const url of urls) expect(url).toMatch(new RegExp(`/archives/${stage.channel}/p\\d+$`));
});

test('without a word it is of today, where the asker is', async () => {
  const stage = await startJudged(['It crashes']);
  const { slack, channel, user, clock, context } = stage;
  await context.db.updateTable('users').set({ time_zone: 'Asia/Tokyo' }).execute();
  const midnight = Math.ceil((clock.now() + 9 * 3_600_000) / DAY_MS) * DAY_MS - 9 * 3_600_000;
  clock.jump(midnight - clock.now() + 60_000);
  slack.post({ channel, user, text: 'Please add a dark mode' });
  slack.post({ channel, user, text: 'Please add a light mode' });
  await slack.idle();
  await stage.type();
  await stage.settle();
  const { answer, shown } = await sumUp(stage);
  expect(answer).toBe('Summing up today, visible only to you.');
  expect(shown.text).toMatch(/^Feedback of [A-Z][a-z]{2},? .*: 2 messages\./);
  expect((await sumUp(stage, '7d')).shown.text).toMatch(/: 3 messages\./);
});

test('each time is compared with the one before, if the bot knows all of it', async () => {
  const stage = await startJudged(['I love it']);
  const { slack, channel, user, clock } = stage;
  const post = async (...texts: string[]) => {
    for (const text of texts) slack.post({ channel, user, text });
    await slack.idle();
    await stage.type();
    await stage.settle();
  };
  clock.jump(10 * DAY_MS);
  await post('Please add a dark mode');
  clock.jump(7 * DAY_MS);
  await post('Please add tabs', 'Please add spaces', 'Please add themes');
  const week = (await sumUp(stage, '7d')).text;
  expect(week).toContain('3 ▲2');
  expect(week).toContain('▲▼ vs the period before');
  const month = (await sumUp(stage, '30d')).text;
  expect(month).toContain('5 messages');
  expect(month).not.toMatch(/[▲▼]/);
});

test('its chart is of its own days, or there is none', async () => {
  const stage = await startDays();
  const titleOf = async (span: string) => {
    stage.clock.jump(60_000);
    const { shown } = await sumUp(stage, span);
    return /"title":"(Feedback per day[^"]*)"/.exec(JSON.stringify(shown.blocks))?.[1];
  };
  expect(await titleOf('today')).toBeUndefined();
  expect(await titleOf('7d')).toBe('Feedback per day, last 7 days');
  expect(await titleOf('14d')).toBe('Feedback per day, last 14 days');
  // More points than Slack draws.
  expect(await titleOf('30d')).toBeUndefined();
});

test('what is still open from before is in it', async () => {
  const stage = await startJudged(['It crashes when I save']);
  stage.clock.jump(2 * DAY_MS);
  const { shown, text } = await sumUp(stage, 'today');
  expect(shown.text).toMatch(/No feedback in this period\. 1 needs attention\./);
  expect(text).toContain('1 needs attention (1 from before, oldest 2 days)');
});

test('themes are in it', async () => {
  const stage = await startThemed();
  await stage.day([...DARK, ALONE]);
  const { text } = await sumUp(stage, '7d');
  expect(text).toContain(`${DARK[0]} · 2 people`);
});

test('other numbers of days will do as well', async () => {
  const stage = await startJudged(['It crashes']);
  const { answer, shown } = await sumUp(stage, '14D');
  expect(answer).toBe('Summing up the last 14 days, visible only to you.');
  expect(shown.text).toMatch(/^Feedback, .*: 1 message\./);
});

test('a channel without any feedback has a summary, too, and what waits is said', async () => {
  const stage = await startWith([]);
  expect((await sumUp(stage, '30d')).shown.text).toMatch(/No feedback in this period\.$/);
  stage.slack.post({ channel: stage.channel, user: stage.user, text: 'It crashes' });
  await stage.slack.idle();
  expect(await stage.type('summary')).toMatch(
    /What is not classified yet \(1\) is not in it: `\/classify-feedback` classifies it\.$/,
  );
});

test('a workspace that refuses the chart gets it in words', async () => {
  const stage = await startDays({ slack: { refuseBlocks: ['data_visualization'] } });
  const { shown, text } = await sumUp(stage, '7d');
  expect(JSON.stringify(shown.blocks ?? '')).not.toContain('data_visualization');
  expect(text).toContain('Feedback per day, last 7 days');
});

test('a restart before it is counted loses nothing, one after it was sent repeats nothing', async () => {
  const stage = await startStage({ onDisk: true });
  await stage.connect();
  await stage.type('summary 7d');
  await stage.restart();
  await stage.settle();
  const seen = () => stage.slack.ephemerals(stage.user).map(({ text }) => text);
  expect(seen().filter((text) => text.startsWith('Feedback'))).toHaveLength(1);
  await stage.restart();
  await stage.settle();
  expect(seen().filter((text) => text.startsWith('Feedback'))).toHaveLength(1);
});

test('when its answer is lost it is not shown twice', async () => {
  const stage = await startJudged(['It crashes']);
  stage.slack.faults.add({ method: 'chat.postEphemeral', kind: 'cut', when: 'after' });
  await sumUp(stage);
  const shown = stage.slack
    .ephemerals(stage.user)
    .filter(({ text }) => text.startsWith('Feedback'));
  expect(shown).toHaveLength(1);
});

test.each([
  ['week', 'Did you mean `/classify-feedback summary 7d`?'],
  ['91d', 'or other days up to 90.'],
  ['0d', 'Did you mean `/classify-feedback summary'],
  ['todya', 'Did you mean `/classify-feedback summary today`?'],
  ['of everything <!channel>', '`/classify-feedback summary 30d`, or other days up to 90.'],
])('“summary %s” is answered with what there is', async (typed, answer) => {
  const stage = await startWith(['It crashes']);
  expect(await stage.type(`summary ${typed}`)).toContain(answer);
  const shown = stage.slack.ephemerals(stage.user).at(-1);
  expect(shown && stage.slack.pings(shown)).toEqual([]);
  expect(await stage.rows(sql`select id from outbox where key like 'summary%'`)).toEqual([]);
});
