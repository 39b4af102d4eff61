import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DEFAULT_TAXONOMY } from '../../src/core/runs/taxonomy.ts';
import { nextTime } from '../../src/jobs/runs/schedule.ts';
import { SETTINGS } from '../../src/slack/blocks/actions.ts';
import { type Stage, type StageOptions, startStage } from '../harness.ts';
import {
  blocksOf,
  initial,
  inputsOf,
  openSettings,
  pressIn,
  save,
  saveTooLate,
  submit,
  values,
  wordsOf,
} from './stage.ts';

/** The modal over the real Bolt: what it shows, what is saved, and what is refused. */

const EVERY_MORNING = '0 9 * * 1-5';

async function connected(options: StageOptions = {}, how?: 'http'): Promise<Stage> {
  const settings = { summarySchedule: EVERY_MORNING, ...options.settings };
  const stage = await startStage({ ...options, settings });
  await stage.connect(how);
  return stage;
}

const rows = (stage: Stage) =>
  stage.context.db.selectFrom('settings').selectAll().orderBy('id').execute();

describe('it is opened by the command', () => {
  test('and shows how things are set', async () => {
    const stage = await connected({
      settings: { timeZone: 'Europe/Berlin', remindAfterMs: 7_200_000 },
    });
    const view = await openSettings(stage);
    expect(initial(view, 'days')).toEqual(['1', '2', '3', '4', '5']);
    expect(initial(view, 'time')).toBe('09:00');
    expect(initial(view, 'summaryCron')).toBeUndefined();
    expect(initial(view, 'timeZone')).toBe('Europe/Berlin');
    expect(initial(view, 'classifyEvery')).toBe('never');
    expect(initial(view, 'rules')).toBe('high urgency\nbug, medium urgency, negative sentiment');
    expect(initial(view, 'remindHours')).toBe('2');
    expect(initial(view, 'closeTheLoop')).toBeUndefined();
    expect(initial(view, 'c-bug-emoji')).toBe(':bug:');
    expect(initial(view, 'c-noise-emoji')).toBeUndefined();
    expect(wordsOf(view)).toContain('They come from the server defaults');
    expect(blocksOf(view).map(({ block_id }) => block_id)).not.toContain('settings-reset');
    // Nothing is said besides.
    expect(stage.slack.ephemerals()).toEqual([]);
  });

  test('twenty categories fit, and then there is none to add', async () => {
    const categories = Array.from({ length: 20 }, (_, n) => ({
      key: `key_${n}`,
      name: `${n} ${'n'.repeat(37)}`,
      ...(n < 19 && { emoji: `custom_emoji_${n}` }),
      meaning: `${'Meaning & <more> '.repeat(30)}`.slice(0, 400),
    }));
    const rules = categories.map(({ key }) => ({
      category: key,
      urgency: 'medium' as const,
      sentiment: 'negative' as const,
    }));
    const taxonomy = { categories, flagged_when: rules };
    const stage = await connected({ settings: { taxonomy } });
    const view = await openSettings(stage);
    expect(inputsOf(view).filter((field) => field.endsWith('-meaning'))).toHaveLength(20);
    expect(blocksOf(view).length).toBeLessThanOrEqual(100);
    expect(wordsOf(view)).not.toContain('Add a category');
    expect(wordsOf(await save(stage, view, {}))).toContain('Nothing was changed.');
  });

  test.each([
    ['a guest', { isRestricted: true }, true, /^Guests can read the summary/],
    ['somebody who is in no channel', {}, false, /^Only people who are in a channel/],
  ])('not by %s', async (_who, more, joins, words) => {
    const stage = await connected();
    const stranger = stage.slack.addUser({ name: 'eve', ...more });
    if (joins) stage.slack.join(stage.channel, stranger);
    expect(await stage.type('settings', { user: stranger })).toMatch(words);
    expect(stage.slack.views).toEqual([]);
  });

  test('not while Slack cannot say who somebody is: soon enough to say so', async () => {
    const stage = await connected();
    const { slack, clock } = stage;
    const ben = slack.addUser({ name: 'ben' });
    slack.join(stage.channel, ben);
    slack.faults.add({ method: 'users.info', kind: 'error', error: 'internal_error' });
    expect(await stage.type('settings', { user: ben })).toMatch(/please try again in a minute/);
    slack.faults.add({ method: 'users.info', kind: 'hang' });
    const calls = () => slack.callCounts.get('users.info') ?? 0;
    const before = calls();
    const said = stage.type('settings', { user: ben });
    await slack.waitFor(() => calls() > before);
    clock.fire(1500);
    expect(await said).toMatch(/please try again in a minute/);
    expect(slack.views).toEqual([]);
  });

  test('a modal that Slack does not open is spoken of', async () => {
    const stage = await connected();
    const { slack, channel, user } = stage;
    slack.faults.add({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await slack.command({ command: '/classify-feedback', text: 'settings', user, channel });
    await slack.waitFor(() => slack.ephemerals(user).length > 0);
    expect(slack.ephemerals(user)[0]?.text).toMatch(/^Slack did not let me open it/);
  });
});

describe.each(['socket', 'http'] as const)('saved over %s', (how) => {
  test('everything counts at once, and is kept with who changed it', async () => {
    const stage = await startStage({
      settings: { timeZone: 'UTC', summarySchedule: EVERY_MORNING },
    });
    await stage.connect(how);
    const { context, user } = stage;
    const view = await openSettings(stage);
    const saved = await save(stage, view, {
      days: ['1', '4'],
      time: '16:30',
      timeZone: 'new york',
      classifyEvery: '6',
      rules: 'question, high urgency',
      remindHours: '12',
      closeTheLoop: ['on'],
      'c-noise-name': 'Chatter',
    });
    expect(wordsOf(saved)).toContain('Saved. It applies from now on.');
    expect(stage.woken.at(-1)).toBe('settings');
    expect(context.settings).toMatchObject({
      summarySchedule: '30 16 * * 1,4',
      classifySchedule: '0 */6 * * *',
      timeZone: 'America/New_York',
      remindAfterMs: 12 * 3_600_000,
      closeTheLoop: true,
      taxonomy: { flagged_when: [{ category: 'question', urgency: 'high' }] },
      taxonomyVersion: 2,
    });
    expect(context.settings.taxonomy.categories.at(-1)).toMatchObject({
      key: 'noise',
      name: 'Chatter',
    });
    expect(await rows(stage)).toMatchObject([{ id: 1, changed_by: user, taxonomy_version: 2 }]);

    await stage.step();
    const again = await openSettings(stage);
    expect(initial(again, 'time')).toBe('16:30');
    expect(initial(again, 'closeTheLoop')).toEqual(['on']);
    expect(wordsOf(again)).toContain('They override the server defaults');
    expect(wordsOf(again)).toContain('Last changed by ana, ');
    expect(await stage.type('status')).toContain('*Settings*: last changed by ana, <!date^');
  });

  test('what is wrong is said beside it, all at once, and nothing is saved', async () => {
    const stage = await startStage({ settings: { summarySchedule: EVERY_MORNING } });
    await stage.connect(how);
    const before = stage.context.settings;
    const view = await openSettings(stage);
    expect(
      await submit(stage, view, {
        days: [],
        time: { selected_time: null },
        timeZone: 'Middle Earth',
        classifyCron: 'often',
        rules: 'urgent\nhigh urgency, low urgency',
        remindHours: '9000',
        'c-bug-name': 'Praise',
        'c-bug-emoji': ':eyes:',
        'c-praise-emoji': 'tada!!',
        'c-usability-meaning': 'hard',
      }),
    ).toEqual({
      kind: 'errors',
      errors: {
        days: 'Choose at least one day.',
        time: 'Choose a time.',
        timeZone: 'There is no such time zone. Write a city, or a name such as Europe/Paris.',
        classifyCron: expect.stringMatching(/^This is not a cron pattern/),
        rules: expect.stringMatching(/^Line 1: there is no category "urgent".* Line 2: it names/),
        remindHours: expect.stringMatching(/more than a year/),
        'c-bug-emoji': 'By this reaction people claim a message: choose another.',
        'c-praise-name': 'Another category has this name.',
        'c-praise-emoji': expect.stringMatching(/^Write one emoji/),
        'c-usability-meaning': expect.stringMatching(/^Say in 10 to 400 characters/),
      },
    });
    expect(stage.context.settings).toBe(before);
    expect(await rows(stage)).toEqual([]);
    // The modal stays open, and can be put right.
    expect(wordsOf(await save(stage, view, { remindHours: '1' }))).toContain('Saved');
  });
});

test('what is as it was is not saved: the environment goes on counting', async () => {
  const stage = await connected();
  expect(wordsOf(await save(stage, await openSettings(stage), {}))).toContain(
    'Nothing was changed.',
  );
  expect(await rows(stage)).toEqual([]);
});

test('huge texts are refused in words', async () => {
  const stage = await connected();
  const view = await openSettings(stage);
  const huge = 'x'.repeat(3000);
  const submitted = await submit(stage, view, {
    summaryCron: huge,
    timeZone: huge,
    rules: 'y'.repeat(3000),
    'c-bug-name': huge,
    'c-bug-emoji': huge,
    'c-bug-meaning': huge,
  });
  if (submitted.kind !== 'errors') throw new Error('taken');
  const { errors } = submitted;
  expect(Object.keys(errors).sort()).toEqual([
    'c-bug-emoji',
    'c-bug-meaning',
    'c-bug-name',
    'rules',
    'summaryCron',
    'timeZone',
  ]);
  for (const words of Object.values(errors)) expect(words.length).toBeLessThan(400);
});

test('a category more than there were: with a row of its own, and what was typed stays', async () => {
  const stage = await connected();
  let view = await openSettings(stage);
  view = await pressIn(stage, view, 'add');
  view = await pressIn(stage, view, 'add');
  expect(inputsOf(view).slice(-6)).toEqual([
    'new1-name',
    'new1-emoji',
    'new1-meaning',
    'new2-name',
    'new2-emoji',
    'new2-meaning',
  ]);
  await save(stage, view, {
    'new2-name': 'Billing <!here> & *co*',
    'new2-emoji': ':moneybag:',
    'new2-meaning': 'Money: invoices, prices, refunds.',
    rules: 'billing <!here> & *co*, low urgency',
  });
  expect(stage.context.settings.taxonomy.categories.at(-1)).toEqual({
    key: 'billing_here_co',
    name: 'Billing <!here> & *co*',
    emoji: 'moneybag',
    meaning: 'Money: invoices, prices, refunds.',
  });
  expect(stage.context.settings.taxonomy.flagged_when).toEqual([
    { category: 'billing_here_co', urgency: 'low' },
  ]);
  const again = await openSettings(stage);
  expect(initial(again, 'rules')).toBe('billing <!here> & *co*, low urgency');
  // Not as markup anywhere.
  expect(stage.slack.pings({ text: '', blocks: again.view.blocks as never })).toEqual([]);
});

test('a category is removed by clearing its name', async () => {
  const stage = await connected();
  await save(stage, await openSettings(stage), { 'c-question-name': '', 'c-praise-name': ' ' });
  expect(stage.context.settings.taxonomy.categories.map(({ key }) => key)).toEqual([
    'bug',
    'feature_request',
    'usability',
    'noise',
  ]);
});

describe('two people at once', () => {
  test('the second is told, and shown what the first has saved', async () => {
    const stage = await connected();
    const ben = stage.slack.addUser({ name: 'ben' });
    stage.slack.join(stage.channel, ben);
    const theirs = await openSettings(stage, ben);
    await save(stage, await openSettings(stage), { time: '08:00' });
    const fresh = await saveTooLate(stage, theirs, { time: '10:00', 'c-bug-name': 'Defect' });
    expect(wordsOf(fresh)).toContain('Somebody has changed the settings while you had them open');
    expect(wordsOf(fresh)).toContain('Last changed by ana');
    expect(initial(fresh, 'time')).toBe('08:00');
    expect(initial(fresh, 'c-bug-name')).toBe('Bug');
    // Under other ids: Slack keeps what was typed into a block that it knows.
    const ids = (view: typeof fresh) =>
      blocksOf(view).flatMap(({ type, block_id }) => (type === 'input' ? block_id : []));
    expect(ids(fresh).filter((id) => ids(theirs).includes(id))).toEqual([]);
    expect(await rows(stage)).toHaveLength(1);
    await save(stage, fresh, { time: '10:00' });
    expect(stage.context.settings.summarySchedule).toBe('0 10 * * 1-5');
    expect(await rows(stage)).toMatchObject([{ changed_by: stage.user }, { changed_by: ben }]);
  });

  test('also when both press Save in the same moment', async () => {
    const stage = await connected();
    const [one, other] = [await openSettings(stage), await openSettings(stage)];
    const send = (view: typeof one, time: string) =>
      stage.slack.submitView({ viewId: view.id, values: values(view, { time }) });
    await Promise.all([send(one, '08:00'), send(other, '10:00')]);
    expect(await rows(stage)).toHaveLength(1);
    const words = stage.slack.views.map(wordsOf);
    expect(words.filter((said) => said.includes('Saved. It applies'))).toHaveLength(1);
    expect(words.filter((said) => said.includes('Somebody has changed'))).toHaveLength(1);
  });

  test('also when the second adds a category, or wants the environment back', async () => {
    const stage = await connected();
    await save(stage, await openSettings(stage), { time: '07:00' });
    const [one, other] = [await openSettings(stage), await openSettings(stage)];
    await save(stage, await openSettings(stage), { time: '08:00' });
    for (const [view, action] of [
      [one, 'add'],
      [other, 'reset'],
    ] as const) {
      const fresh = await pressIn(stage, view, action);
      expect(wordsOf(fresh)).toContain('Somebody has changed the settings');
      expect(initial(fresh, 'time')).toBe('08:00');
    }
    expect(await rows(stage)).toHaveLength(2);
  });
});

test('the environment’s settings come back by a button', async () => {
  const stage = await connected({ settings: { timeZone: 'Europe/Berlin' } });
  await save(stage, await openSettings(stage), { timeZone: 'Tokyo', 'c-question-name': '' });
  expect(stage.context.settings.timeZone).toBe('Asia/Tokyo');
  const done = await pressIn(stage, await openSettings(stage), 'reset');
  expect(wordsOf(done)).toContain('Saved');
  expect(stage.context.settings).toMatchObject({
    timeZone: 'Europe/Berlin',
    taxonomy: DEFAULT_TAXONOMY,
    taxonomyVersion: 1,
  });
  const view = await openSettings(stage);
  expect(wordsOf(view)).toContain('They come from the server defaults');
  expect(wordsOf(view)).toContain('Last changed by');
  expect(await rows(stage)).toMatchObject([{}, { content: null, changed_by: stage.user }]);
});

describe('a restart', () => {
  test('finds what was saved, also when the process died before it counted', async () => {
    const stage = await connected({ onDisk: true });
    await save(stage, await openSettings(stage), { time: '06:15', 'c-question-name': '' });
    await stage.restart();
    expect(stage.context.settings).toMatchObject({
      summarySchedule: '15 6 * * 1-5',
      taxonomyVersion: 2,
    });
    expect(stage.context.settings.taxonomy.categories).toHaveLength(5);
    expect(stage.context.settings.defaults.summarySchedule).toBe('0 9 * * 1-5');
  });

  test('does without settings that it cannot read, and says so', async () => {
    const stage = await connected({ onDisk: true });
    await save(stage, await openSettings(stage), { time: '06:15' });
    await stage.context.db
      .updateTable('settings')
      .set({ content: '{"from":"another age"}' })
      .execute();
    await stage.restart();
    expect(stage.context.settings.summarySchedule).toBe('0 9 * * 1-5');
    expect(stage.logs.map(({ message }) => message)).toContain(
      'the settings saved in Slack cannot be read; those of the environment count',
    );
  });
});

test('somebody who has left the channel since the modal was opened may not save', async () => {
  const stage = await connected();
  const ben = stage.slack.addUser({ name: 'ben' });
  stage.slack.join(stage.channel, ben);
  const view = await openSettings(stage, ben);
  stage.slack.leave(stage.channel, ben);
  stage.clock.jump(25 * 3_600_000);
  expect(wordsOf(await save(stage, view, { time: '06:15' }))).toMatch(/^Only people who are in/);
  expect(await rows(stage)).toEqual([]);
});

test('what fails while it is saved is said, and nothing counts', async () => {
  const stage = await connected();
  const view = await openSettings(stage);
  const allow = await stage.refuseInserts('settings');
  expect(await submit(stage, view, { time: '06:15' })).toEqual({
    kind: 'errors',
    errors: { days: expect.stringMatching(/^Something went wrong on my side/) },
  });
  expect(stage.context.settings.summarySchedule).toBe('0 9 * * 1-5');
  await allow();
  await save(stage, view, { time: '06:15' });
  expect(stage.context.settings.summarySchedule).toBe('15 6 * * 1-5');
});

test('a time of day is that of the zone, on both sides of a change of its clocks', async () => {
  const stage = await connected();
  for (const [zone, before, after] of [
    ['Europe/Berlin', '2026-10-24T07:00', '2026-10-25T08:00'],
    ['America/New_York', '2026-10-24T13:00', '2026-10-25T13:00'],
    ['Asia/Kolkata', '2026-10-24T03:30', '2026-10-25T03:30'],
  ]) {
    const days = ['1', '2', '3', '4', '5', '6', '7'];
    await save(stage, await openSettings(stage), { timeZone: zone, time: '09:00', days });
    const {
      settings: { summarySchedule, timeZone },
    } = stage.context;
    const next = (at: string) =>
      new Date(nextTime(summarySchedule, timeZone, Date.parse(at)) ?? 0).toISOString().slice(0, 16);
    expect([next('2026-10-24T00:00Z'), next('2026-10-25T00:00Z')]).toEqual([before, after]);
  }
});

test('its own button opens it from anywhere', async () => {
  const stage = await connected();
  const { slack, user } = stage;
  const open = {
    type: 'button',
    action_id: SETTINGS.open,
    text: { type: 'plain_text', text: 'S' },
  };
  await stage.context.slack.call(
    'views.publish',
    { user_id: user, view: { type: 'home', blocks: [{ type: 'actions', elements: [open] }] } },
    z.looseObject({}),
  );
  await slack.click({ user, home: true, actionId: SETTINGS.open });
  const view = await slack.waitFor(() => slack.views.find(({ kind }) => kind === 'modal'));
  expect(initial(view, 'time')).toBe('09:00');
});
