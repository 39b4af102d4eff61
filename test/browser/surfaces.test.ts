import { expect, test, vi } from 'vitest';
import { openDemo } from './demo-stage.ts';
import { openActions } from './start-workspace.ts';
import { COMMAND, look, type Surfaces, scrollTo, startSurfaces, toTop } from './surfaces-stage.ts';

/** Every surface, brought about by the bot's real behaviour, in five widths, light and dark. */

// Each looks at up to a dozen surfaces.
vi.setConfig({ testTimeout: 600_000 });

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Sample messages of twelve days, and the summary of them in its thread. */
async function startSummed(aDay = 5): Promise<Surfaces> {
  const surfaces = await startSurfaces();
  for (let day = 0; day < 12; day++) {
    surfaces.play(aDay);
    await surfaces.pass(DAY_MS);
  }
  await surfaces.run();
  await surfaces.until(surfaces.page.getByText(/Feedback summary, .* messages/));
  return surfaces;
}

const summaryIn = ({ page }: Surfaces) =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: 'Feedback summary' }).last();

async function openThread(surfaces: Surfaces): Promise<void> {
  await summaryIn(surfaces)
    .getByRole('button', { name: /\d+ repl(y|ies)/ })
    .click();
  await surfaces.until(surfaces.thread.getByRole('button', { name: 'Claim' }));
}

/** Dismisses what the person was told alone. */
async function dismissAll({ page }: Surfaces): Promise<void> {
  const buttons = page.getByRole('button', { name: 'Dismiss message' });
  while ((await buttons.count()) > 0) await buttons.first().click();
}

test('a run, from the command to its summary and its thread', async () => {
  const surfaces = await startSurfaces();
  const { page, claude, thread } = surfaces;
  await look(page, 'channel-empty');
  for (let day = 0; day < 12; day++) {
    surfaces.play(5);
    await surfaces.pass(DAY_MS);
  }
  await look(page, 'channel');
  claude.holdBatches(true);
  await surfaces.run();
  await page.getByText('Only visible to you').waitFor();
  await surfaces.step();
  await page.getByText('Preparing the feedback summary').waitFor();
  await look(page, 'receipt-waiting');
  await dismissAll(surfaces);
  await surfaces.until(page.getByText('Classifying: 0 of 60'));
  await look(page, 'receipt-classifying');
  claude.holdBatches(false);
  await surfaces.until(page.getByText(/Feedback summary, .*60 messages/).first());
  await look(page, 'summary', toTop(summaryIn(surfaces)));

  await openThread(surfaces);
  const rows = thread.getByRole('listitem');
  await look(page, 'thread-beginning', toTop(rows.first()));
  await look(page, 'thread-cards', toTop(rows.nth(2)));
  await look(page, 'thread-chart', toTop(rows.filter({ hasText: 'last 14 days' })));
  await look(page, 'thread-themes', toTop(rows.filter({ hasText: 'See messages' })));
  await look(page, 'thread-end', toTop(rows.last()));
});

test('cards, and the modals that they open', async () => {
  const surfaces = await startSummed(10);
  const { page, thread, people, slack, channel } = surfaces;
  await openThread(surfaces);
  const card = thread
    .getByRole('listitem')
    .filter({ has: page.getByRole('button', { name: 'More', exact: true }) })
    .nth(1);
  const choose = async (item: string | RegExp) => {
    await card.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const dialog = page.getByRole('dialog');
  // A menu closes when the window changes.
  const menu = page.getByRole('menu');
  await look(page, 'card-menu', async () => {
    await card.getByRole('button', { name: 'More', exact: true }).click();
    await menu.waitFor();
  });
  await choose(/Why/);
  await surfaces.until(dialog);
  await look(page, 'modal-why');
  await page.keyboard.press('Escape');
  await choose(/Change category/);
  await surfaces.until(dialog);
  await look(page, 'modal-category');
  await page.keyboard.press('Escape');
  await card.getByRole('button', { name: 'Claim' }).click();
  await surfaces.until(card.getByText('Claimed by'));
  await look(page, 'card-claimed', toTop(card));
  await choose(/Not an issue/);
  await surfaces.until(card.getByText('Dismissed by').or(card.getByText('Not an issue')));
  await look(page, 'card-dismissed', toTop(card));
  await card.getByRole('combobox').first().selectOption({ label: 'Duplicate of…' });
  await surfaces.until(dialog);
  await look(page, 'modal-duplicate');
  await page.keyboard.press('Escape');

  await thread.getByRole('button', { name: 'See messages' }).first().click();
  await surfaces.until(dialog);
  await look(page, 'modal-theme');
  await page.keyboard.press('Escape');
  await thread.getByRole('button', { name: /All .*themes/ }).click();
  await surfaces.until(dialog);
  await look(page, 'modal-all-themes');
  await page.keyboard.press('Escape');
  await thread.getByRole('button', { name: 'Close the thread' }).click();

  const message = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Ben' }).last();
  await openActions(message);
  await page.getByRole('menuitem', { name: /Triage this message/ }).click();
  await surfaces.until(dialog);
  await look(page, 'modal-triage');
  await page.keyboard.press('Escape');

  // An older message that was not collected: a reply.
  const ts = slack.messages(channel)[3]?.ts ?? '';
  slack.post({
    channel,
    user: people.ben,
    text: 'The same happens to me on Android',
    threadTs: ts,
  });
  await surfaces.rest();
});

test('what the sub-commands answer', async () => {
  const surfaces = await startSummed();
  const { page } = surfaces;
  await dismissAll(surfaces);
  const answers = {
    status: 'status',
    summary: 'summary 7d',
    search: 'search export',
    'search-nothing': 'search zebra',
    'search-how': 'search',
    export: 'export csv',
    cancel: 'cancel',
    help: 'help',
    unknown: 'stauts',
    nothing: '',
  };
  for (const [name, text] of Object.entries(answers)) {
    await surfaces.run(text);
    await surfaces.until(page.getByText('Only visible to you'));
    const answer = page.getByRole('listitem').filter({ hasText: 'Only visible to you' });
    await look(page, `answer-${name}`, toTop(answer));
    await dismissAll(surfaces);
  }
  await surfaces.go('/app?tab=messages');
  await look(page, 'export-file');
});

test('the Home tab', async () => {
  const surfaces = await startSurfaces();
  const { page, thread } = surfaces;
  await surfaces.go('/app');
  await surfaces.until(page.locator('.home'));
  await look(page, 'home-empty');
  await surfaces.go('/');
  for (let day = 0; day < 12; day++) {
    surfaces.play(5);
    await surfaces.pass(DAY_MS);
  }
  await surfaces.run();
  await surfaces.until(page.getByText(/Feedback summary, .*60 messages/).first());
  await openThread(surfaces);
  await thread.getByRole('button', { name: 'Claim' }).first().click();
  await surfaces.until(thread.getByText('Claimed by'));
  await surfaces.go('/app');
  // What the tab showed before, that nothing needs attention, is still there for a moment.
  await surfaces.until(page.getByRole('heading', { name: /^\d+ needs? attention/ }));
  await look(page, 'home');
  const home = page.locator('.home');
  await look(page, 'home-middle', scrollTo(home, 700));
  await look(page, 'home-end', scrollTo(home, 1e6));
  await home.getByRole('button', { name: /^Mine/ }).click();
  await surfaces.until(home.getByText('Claimed by'));
  await look(page, 'home-mine');
  await home.getByRole('button', { name: /^All/ }).click();
  await surfaces.rest();
  await home.getByRole('button', { name: /Dismiss several/ }).click();
  const dialog = page.getByRole('dialog');
  await surfaces.until(dialog);
  await look(page, 'modal-several');
  for (const box of (await dialog.getByRole('checkbox').all()).slice(0, 2)) await box.check();
  await dialog.locator('[type=submit]').click();
  await surfaces.until(dialog.getByText(/Dismiss 2/));
  await look(page, 'modal-several-confirm');
  await dialog.locator('[type=submit]').click();
  await surfaces.rest();
  await look(page, 'modal-several-done');
});

/** Where feedback about what is hard to use goes, in other words. */
const MEANING = 'It works, but it is slow, confusing or laborious.';

test('the settings', async () => {
  const surfaces = await startSummed();
  const { page } = surfaces;
  await surfaces.run('settings');
  const dialog = page.getByRole('dialog');
  await surfaces.until(dialog);
  const body = dialog.locator('.dialog-body');
  const to = (px: number) => scrollTo(body, px);
  await look(page, 'settings', to(0));
  await look(page, 'settings-categories', to(600));
  await look(page, 'settings-middle', to(1200));
  await look(page, 'settings-end', to(100_000));
  await dialog.getByRole('textbox', { name: 'Or by a cron pattern' }).first().fill('whenever');
  await dialog.locator('[type=submit]').click();
  await surfaces.rest();
  await look(page, 'settings-wrong');
  const tryThem = dialog.getByRole('button', { name: 'Try them first…' });
  await tryThem.click();
  await surfaces.until(dialog.getByText('cannot be tried yet'));
  await look(page, 'rehearsal-mistakes');
  await page.keyboard.press('Escape');
  await dialog.getByRole('textbox', { name: 'Or by a cron pattern' }).first().fill('0 9 * * 1-5');
  await dialog.getByRole('textbox', { name: /What belongs to category 3/ }).fill(MEANING);
  await tryThem.click();
  await surfaces.until(dialog.getByText('as if your changes were saved'));
  await look(page, 'rehearsal-offer');
  await dialog.locator('[type=submit]').click();
  await surfaces.until(dialog.getByText('I am trying them'));
  while (await dialog.isVisible()) await page.keyboard.press('Escape');
  const show = page.getByRole('button', { name: 'Show the result' });
  await surfaces.until(show);
  await look(page, 'rehearsal-done', toTop(show));
  await show.click();
  await surfaces.until(dialog.getByRole('button', { name: 'Discard' }));
  await look(page, 'rehearsal-result', to(0));
  await look(page, 'rehearsal-result-end', to(100_000));
});

test('what is forgotten, and themes that become a topic', async () => {
  const surfaces = await startSummed(10);
  const { page, slack, people, thread } = surfaces;
  const dialog = page.getByRole('dialog');
  const message = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Ben' }).last();
  const forget = async () => {
    await openActions(message);
    await page.getByRole('menuitem', { name: /Forget this message/ }).click();
    await surfaces.until(dialog);
  };
  await forget();
  await look(page, 'forget-refused');
  await page.keyboard.press('Escape');
  slack.setAdmin(people.ana, true);
  await forget();
  await surfaces.until(dialog.getByText('will be erased'));
  await look(page, 'modal-forget');
  const confirm = async () => {
    await dialog.locator('[type=submit]').click();
    await surfaces.until(dialog.getByText('erasing'));
    await page.keyboard.press('Escape');
    await surfaces.until(page.getByText('Done: ').last());
  };
  await confirm();
  await surfaces.run('forget @ben ');
  await surfaces.until(dialog.getByText('will be erased'));
  await look(page, 'modal-forget-person');
  await confirm();
  await surfaces.pass(HOUR_MS);
  await look(page, 'forgotten');
  await openThread(surfaces);
  const group = thread.getByRole('button', { name: 'Group them' }).first();
  await group.click();
  const undo = thread.getByRole('button', { name: 'Undo the topic' });
  await surfaces.until(undo);
  await look(page, 'thread-topic', toTop(undo));
});

test('questions and the greeting', async () => {
  const surfaces = await startSurfaces({ invited: true });
  const { page, slack, channel, people } = surfaces;
  surfaces.play(5);
  await surfaces.until(page.getByText('Only visible to you'));
  const greeting = page.getByRole('listitem').filter({ hasText: 'Only visible to you' });
  await look(page, 'greeting', toTop(greeting));
  await dismissAll(surfaces);
  const ts = slack.post({ channel, user: people.ana, text: `<@${slack.botUserId}> help` });
  await surfaces.rest();
  await surfaces.go(`/archives/${channel}/p${ts.replace('.', '')}?thread_ts=${ts}`);
  await surfaces.until(
    surfaces.thread
      .getByText('What the reactions mean')
      .or(surfaces.thread.getByText('reactions').first()),
  );
  await look(page, 'mention');
  await surfaces.go('/app?tab=messages');
  const field = page.getByRole('combobox').last();
  await field.fill('help');
  await field.press('Enter');
  await surfaces.until(page.getByRole('main').getByText(COMMAND).first());
  await look(page, 'direct');
});

test('a hosted bot, from its installation to its key', async () => {
  const surfaces = await startSurfaces({
    hosted: { key: 'none' },
    settings: { summarySchedule: '0 9 * * 1-5' },
    onDisk: true,
  });
  const { page, slack, channel, people } = surfaces;
  const dialog = page.getByRole('dialog');
  const home = page.locator('.home');
  const started = page.getByRole('heading', { name: 'Get started' });
  slack.removeBot(channel, people.ana);
  await surfaces.go('/app');
  await surfaces.until(started);
  await look(page, 'guide');

  slack.inviteBot(channel, people.ana);
  await surfaces.go('/');
  const greeting = page.getByRole('listitem').filter({ hasText: 'Only visible to you' });
  await surfaces.until(greeting);
  await look(page, 'greeting-without-key', toTop(greeting));
  await dismissAll(surfaces);
  surfaces.play(3);
  await surfaces.run();
  await surfaces.until(page.getByText('Preparing the feedback summary'));
  await dismissAll(surfaces);
  await look(page, 'receipt-without-key');

  await surfaces.go('/app');
  await surfaces.until(home.getByText('Messages count from then on').or(started));
  await look(page, 'guide-invited');
  await page.getByRole('button', { name: /You are/ }).click();
  await page.getByRole('menuitem', { name: /Ben/ }).click();
  await surfaces.go('/app');
  await surfaces.until(home.getByText('who installed Winnow'));
  await look(page, 'guide-may-not');
  await page.getByRole('button', { name: /You are/ }).click();
  await page.getByRole('menuitem', { name: /Ana/ }).click();
  await surfaces.go('/app');

  await surfaces.until(home.getByRole('button', { name: 'Set the key' }));
  await home.getByRole('button', { name: 'Set the key' }).click();
  await surfaces.until(dialog);
  await look(page, 'modal-key');
  const field = dialog.getByRole('textbox');
  await field.fill('sk-ant-api03-wrong');
  await dialog.locator('[type=submit]').click();
  await surfaces.until(dialog.getByText('does not accept this key'));
  await look(page, 'modal-key-refused');
  await field.fill('sk-ant-sim');
  await dialog.locator('[type=submit]').click();
  await surfaces.until(dialog.getByText('The key is set.'));
  await look(page, 'modal-key-set');
  await page.keyboard.press('Escape');

  await surfaces.restart();
  await surfaces.connect();
  await surfaces.go('/app');
  await surfaces.until(home.getByRole('button', { name: 'Anthropic key' }));
  await look(page, 'guide-key-set');
  await home.getByRole('button', { name: 'Anthropic key' }).click();
  await surfaces.until(dialog.getByText('A new one replaces it'));
  await look(page, 'modal-key-change');
  await dialog.getByRole('button', { name: 'Remove the key' }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await surfaces.until(dialog.getByText('The key is removed.'));
  await look(page, 'modal-key-removed');
});

test('what waits, fails or is canceled', async () => {
  const surfaces = await startSurfaces();
  const { page, claude } = surfaces;
  surfaces.play(20);
  await surfaces.rest();
  claude.holdBatches(true);
  await surfaces.run();
  await surfaces.until(page.getByText('Classifying: 0 of 20'));
  await page.getByRole('button', { name: /Cancel/ }).click();
  await page.getByRole('dialog').getByRole('button').last().waitFor();
  await look(page, 'confirm-cancel');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Cancel the run|Yes|Stop/ })
    .first()
    .click();
  await surfaces.rest();
  await look(page, 'receipt-canceling');
  claude.holdBatches(false);
  await surfaces.until(page.getByText(/anceled/).first());
  await surfaces.rest();
  await look(page, 'receipt-canceled');
  await dismissAll(surfaces);

  const mend = claude.faults.add({
    kind: 'status',
    status: 401,
    errorType: 'authentication_error',
    times: 1000,
  });
  surfaces.play(10);
  await surfaces.rest();
  await surfaces.run();
  await surfaces.until(page.getByRole('button', { name: 'Try again' }));
  await look(page, 'receipt-key', toTop(page.getByText('Preparing the feedback summary')));
  await dismissAll(surfaces);
  await surfaces.run('status');
  await surfaces.until(page.getByText('Only visible to you'));
  await look(
    page,
    'status-key',
    toTop(page.getByRole('listitem').filter({ hasText: 'Only visible to you' })),
  );
  await surfaces.go('/app');
  await surfaces.until(page.locator('.home'));
  await look(page, 'home-key');
  mend();
});

test('weeks later: the look back, the reminder, what was asked where Claude is unsure', async () => {
  const surfaces = await startSurfaces({
    settings: {
      remindAfterMs: 48 * HOUR_MS,
      unsureBelow: 0.9,
      summarySchedule: '0 9 * * 1-5',
      closeTheLoop: true,
    },
  });
  const { page, thread } = surfaces;
  for (let day = 0; day < 16; day++) {
    surfaces.play(6);
    await surfaces.pass(DAY_MS);
  }
  await surfaces.rest();
  await surfaces.go('/');
  await surfaces.until(summaryIn(surfaces));
  await look(page, 'summary-scheduled', toTop(summaryIn(surfaces)));
  await openThread(surfaces);
  const rows = thread.getByRole('listitem');
  await look(page, 'thread-scheduled', toTop(rows.first()));
  await look(page, 'unsure', toTop(rows.filter({ hasText: 'which is right' })));
  await surfaces.go('/');
  const reminded = surfaces.slack
    .messages(surfaces.channel)
    .find(({ ts }) =>
      surfaces.slack
        .thread(surfaces.channel, ts)
        .some(({ metadata }) => metadata?.event_type === 'winnow_reminder'),
    );
  expect(reminded).toBeDefined();
  await surfaces.go(`/archives/${surfaces.channel}?thread_ts=${reminded?.ts}`);
  await look(page, 'reminder');
  const looked = surfaces
    .posts()
    .find(({ ts }) =>
      surfaces.slack
        .thread(surfaces.channel, ts)
        .some(({ metadata }) => metadata?.event_type === 'winnow_week'),
    );
  expect(looked).toBeDefined();
  await surfaces.go(`/archives/${surfaces.channel}?thread_ts=${looked?.ts}`);
  await look(page, 'week', toTop(rows.filter({ hasText: /Last week, \d/ })));
});

test('the budget is used up', async () => {
  const surfaces = await startSurfaces({
    settings: { monthlyBudgetUsd: 0.0001, summarySchedule: '0 9 * * 1-5' },
  });
  const { page } = surfaces;
  surfaces.play(20);
  await surfaces.rest();
  await surfaces.run();
  await surfaces.until(page.getByText('Only visible to you'));
  await look(page, 'answer-budget');
  await dismissAll(surfaces);
  await surfaces.pass(DAY_MS);
  await surfaces.until(page.getByText(/budget/).first());
  await look(page, 'budget-post');
});

test('the demo: the banner, its steps, and what is behind the scenes', async () => {
  const demo = await openDemo({ messages: 60 });
  const { page } = demo;
  const step = (name: string) =>
    page.getByRole('list', { name: 'What to do first' }).getByRole('button', { name });
  const panel = page.getByRole('complementary', { name: 'Behind the scenes' });
  await look(page, 'demo-start');
  await page.getByRole('button', { name: 'Close what is behind the scenes' }).click();
  await panel.waitFor({ state: 'detached' });
  await look(page, 'demo-start-closed');
  await step('Type feedback').click();
  await look(page, 'demo-typed');
  await page.keyboard.press('Enter');
  await step('Run').click();
  await demo.until('the summary', () => demo.tally().digests === 1 && demo.tally().dead === 0);
  await demo.until('all', () => demo.tally().classified >= 61);
  await look(page, 'demo-summary');
  await step('Open the thread').click();
  await demo.thread.getByText('Claim').first().waitFor();
  await look(page, 'demo-thread');
  await demo.thread.getByRole('button', { name: 'Close the thread' }).click();
  await page.getByRole('button', { name: 'Behind the scenes' }).click();
  await panel.waitFor();
  await look(page, 'demo-backstage');
  await look(page, 'demo-backstage-end', toTop(panel.getByRole('region').last()));
  await page.getByRole('button', { name: 'Close what is behind the scenes' }).click();
  await look(page, 'demo-menu', async () => {
    const channels = page.getByRole('button', { name: 'Channels and people' });
    if (await channels.isVisible()) await channels.click();
    await page.getByRole('button', { name: /You are/ }).click();
    await page.getByRole('menu').waitFor();
  });
  await page.keyboard.press('Escape');
  await page.goto(new URL('/archives/CNOPE', demo.url).href);
  await page.getByText('does not exist').waitFor();
  await look(page, 'no-channel');
});
