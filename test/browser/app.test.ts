import type { App } from '@slack/bolt';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { findBarriers, openActions, startWorkspace } from './start-workspace.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const options = ['bug', 'praise', 'question'].map((value) => ({
  text: plain(`A ${value}`),
  value,
}));

/** Keeps what is pressed: the action's id and what it says. */
function listenToActions(app: App, heard: unknown[]): void {
  app.action(/.*/, async ({ ack, action }) => {
    await ack();
    const said = action as unknown as {
      action_id: string;
      value?: string;
      selected_option?: { value: string };
      selected_options?: { value: string }[];
      selected_date?: string;
      selected_time?: string;
      selected_user?: string;
    };
    const chosen =
      said.selected_option?.value ??
      said.selected_options?.map((option) => option.value) ??
      said.selected_date ??
      said.selected_time ??
      said.selected_user ??
      said.value;
    heard.push([said.action_id, chosen]);
  });
}

const COMMANDS = [
  { command: '/sort', description: 'Sorts what is there', hint: '[now|later]' },
  { command: '/sort later', description: 'Sorts it tonight' },
  { command: '/other', description: 'Something else' },
];

async function chooseCommand(page: Page): Promise<void> {
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill('/');
  const list = page.getByRole('listbox', { name: 'Completions' });
  expect(await list.getByRole('option').count()).toBe(3);
  await composer.pressSequentially('so');
  expect(await list.getByRole('option').allInnerTexts()).toEqual([
    expect.stringContaining('/sort [now|later]'),
    expect.stringContaining('/sort later'),
  ]);
  await composer.press('ArrowDown');
  const chosen = list.getByRole('option', { selected: true });
  expect(await chosen.innerText()).toContain('/sort later');
  expect(await composer.getAttribute('aria-activedescendant')).toBe(
    await chosen.getAttribute('id'),
  );
  await composer.press('Tab');
  expect(await composer.inputValue()).toBe('/sort later ');
}

test('a command is completed, run, and answered to its person alone', async () => {
  const said: string[] = [];
  const { open } = await startWorkspace({
    page: { commands: COMMANDS },
    listen: (app) =>
      app.command('/sort', async ({ ack, command }) => {
        said.push(command.text);
        await ack({ text: `Sorting *${command.text}*` });
      }),
  });
  const page = await open();
  const other = await open();
  await other.getByRole('button', { name: /^You are/ }).click();
  await other.getByRole('menuitem', { name: /^Ben/ }).click();
  await chooseCommand(page);
  await page.keyboard.press('Enter');
  const answer = page.getByRole('listitem').filter({ hasText: 'Only visible to you' });
  await answer.getByText('Sorting later').waitFor();
  expect(said).toEqual(['later']);
  expect(await findBarriers(page)).toEqual([]);
  expect(await other.getByText('Only visible to you').count()).toBe(0);
  await answer.getByRole('button', { name: 'Dismiss message' }).click();
  await answer.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('combobox', { name: 'Message #feedback' }).waitFor();
  expect(await answer.count()).toBe(0);
  await page.getByRole('combobox', { name: 'Message #feedback' }).fill('/nothing');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('/nothing failed').waitFor();
});

test('what is typed while an answer is awaited stays, and what failed comes back', async () => {
  const answered = Promise.withResolvers<void>();
  const { open } = await startWorkspace({
    page: { commands: COMMANDS },
    listen: (app) =>
      app.command('/sort', async ({ ack }) => {
        await answered.promise;
        await ack('Sorted');
      }),
  });
  const page = await open();
  const composer = page.getByRole('combobox', { name: 'Message #feedback' });
  await composer.fill('/sort now');
  await composer.press('Enter');
  await composer.fill('And one more thing');
  answered.resolve();
  await page.getByText('Sorted').waitFor();
  expect(await composer.inputValue()).toBe('And one more thing');
  await composer.press('Enter');
  await page.locator('.message-text', { hasText: 'And one more thing' }).waitFor();
  await composer.fill('/nothing');
  await composer.press('Enter');
  await page.getByRole('alert').getByText('/nothing failed').waitFor();
  expect(await composer.inputValue()).toBe('/nothing');
});

test('buttons, selects, menus and pickers of a message tell the app what was done', async () => {
  const heard: unknown[] = [];
  const { app, ben, channel, open } = await startWorkspace({
    listen: (bolt) => listenToActions(bolt, heard),
  });
  await app.client.chat.postMessage({
    channel,
    text: 'A card',
    blocks: [
      {
        type: 'section',
        text: plain('*not bold* &amp; <@U1>'),
        accessory: { type: 'overflow', action_id: 'more', options: options.slice(0, 2) },
      },
      {
        type: 'actions',
        elements: [
          { type: 'button', text: plain('Claim'), action_id: 'claim', value: '7' },
          {
            type: 'button',
            text: plain('Delete'),
            action_id: 'delete',
            value: 'x',
            style: 'danger',
            confirm: {
              title: plain('Sure?'),
              text: plain('It is gone then.'),
              confirm: plain('Yes'),
              deny: plain('No'),
            },
          },
          { type: 'static_select', action_id: 'kind', placeholder: plain('Kind'), options },
          { type: 'users_select', action_id: 'who', placeholder: plain('Who') },
          { type: 'datepicker', action_id: 'day', placeholder: plain('Day') },
          { type: 'timepicker', action_id: 'time', placeholder: plain('Time') },
        ],
      },
      {
        type: 'section',
        text: plain('Labels'),
        accessory: {
          type: 'multi_static_select',
          action_id: 'labels',
          options,
          placeholder: plain('Labels'),
        },
      },
      { type: 'actions', elements: [{ type: 'checkboxes', action_id: 'checks', options }] },
      { type: 'actions', elements: [{ type: 'radio_buttons', action_id: 'one', options }] },
    ] as never,
  });
  const page = await open();
  await page.getByText('*not bold* &amp; <@U1>').waitFor();
  await page.getByRole('button', { name: 'Claim' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Sure?' }).getByRole('button', { name: 'No' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Sure?' }).getByRole('button', { name: 'Yes' }).click();
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('praise');
  await page.getByRole('combobox', { name: 'Who' }).selectOption(ben);
  await page.getByLabel('Day').fill('2026-11-23');
  await page.getByLabel('Time').fill('09:30');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'A praise' }).click();
  await page.getByRole('button', { name: /^Labels/ }).click();
  await page.getByRole('dialog', { name: 'Labels' }).getByLabel('A bug').check();
  await page.getByRole('dialog', { name: 'Labels' }).getByLabel('A question').check();
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: 'A bug' }).check();
  await page.getByRole('radio', { name: 'A question' }).check();
  await expect.poll(() => heard.length).toBe(10);
  expect(heard).toEqual([
    ['claim', '7'],
    ['delete', 'x'],
    ['kind', 'praise'],
    ['who', ben],
    ['day', '2026-11-23'],
    ['time', '09:30'],
    ['more', 'praise'],
    ['labels', ['bug', 'question']],
    ['checks', ['bug']],
    ['one', 'question'],
  ]);
  expect(await findBarriers(page)).toEqual([]);
});

test('tables, charts and rich text are drawn, and what nobody knows is shown as such', async () => {
  const { sim, app, ann, channel, open } = await startWorkspace();
  const row = (name: string, count: number) => [
    { type: 'raw_text', text: name },
    { type: 'raw_number', value: count },
  ];
  await app.client.chat.postMessage({
    channel,
    text: 'Numbers',
    blocks: [
      {
        type: 'data_table',
        caption: 'Themes',
        page_size: 2,
        rows: [
          [
            { type: 'raw_text', text: 'Theme' },
            { type: 'raw_text', text: 'New' },
          ],
          row('Export', 2),
          row('Search', 11),
          row('Login', 7),
        ],
      },
      {
        type: 'data_visualization',
        title: 'A fortnight',
        chart: {
          type: 'bar',
          series: [{ name: 'Bugs', data: [{ label: 'Mon', value: 3 }] }],
          axis_config: { categories: ['Mon'] },
        },
      },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Hello ' },
              { type: 'user', user_id: ann },
              { type: 'emoji', name: 'tada' },
              { type: 'date', timestamp: 1_764_158_400, format: '{time}' },
            ],
          },
        ],
      },
    ] as never,
  });
  sim.post({ channel, user: ann, text: 'x', blocks: [{ type: 'hologram', depth: 'three' }] });
  const page = await open();
  const table = page.getByRole('table', { name: 'Themes' });
  const firstColumn = () => table.locator('tbody td:first-child').allTextContents();
  await table.waitFor();
  expect(await firstColumn()).toEqual(['Export', 'Search']);
  await table.getByRole('button', { name: 'New' }).click();
  expect(await firstColumn()).toEqual(['Search', 'Login']);
  await table.getByRole('button', { name: 'New' }).click();
  expect(await firstColumn()).toEqual(['Export', 'Login']);
  await page.getByRole('button', { name: 'Next' }).click();
  expect(await firstColumn()).toEqual(['Search']);
  await page.getByRole('img', { name: /^Bar chart: A fortnight/ }).waitFor();
  await page.getByText('Hello @Ann Lee🎉1:00 PM').waitFor();
  const unknown = page.locator('.unknown-block');
  expect(await unknown.innerText()).toContain('hologram');
  await unknown.getByText('What it says').click();
  await unknown.getByText('"depth": "three"').waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

const settings = {
  type: 'modal' as const,
  callback_id: 'settings',
  title: plain('Settings'),
  submit: plain('Save'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'name',
      label: plain('Name'),
      hint: plain('Three letters at least'),
      element: { type: 'plain_text_input' as const, action_id: 'text', min_length: 3 },
    },
    {
      type: 'input' as const,
      block_id: 'kinds',
      label: plain('Kinds'),
      optional: true,
      element: {
        type: 'checkboxes' as const,
        action_id: 'kinds',
        options,
        initial_options: [options[0]],
      },
    },
    {
      type: 'actions' as const,
      block_id: 'more',
      elements: [{ type: 'button' as const, text: plain('Details'), action_id: 'details' }],
    },
  ],
};

test('a modal keeps what is typed, refuses what is wrong by the field, and is stacked', async () => {
  const submitted: unknown[] = [];
  const { sim, ben, channel, open } = await startWorkspace({
    page: { shortcuts: [{ callbackId: 'look', name: 'Look at it' }] },
    listen(app) {
      app.shortcut('look', async ({ ack, client, shortcut }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: settings as never });
      });
      app.action('details', async ({ ack, client, body }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        const view = { type: 'modal' as const, title: plain('Details'), blocks: [] };
        await client.views.push({ trigger_id: body.trigger_id, view });
      });
      app.view('settings', async ({ ack, view }) => {
        const { values } = view.state;
        submitted.push([values.name?.text?.value, values.kinds?.kinds?.selected_options?.length]);
        if (values.name?.text?.value === 'taken')
          await ack({ response_action: 'errors', errors: { name: 'That name is taken.' } });
        else await ack();
      });
    },
  });
  const ts = sim.post({ channel, user: ben, text: 'Look at me' });
  const page = await open();
  await openActions(page.locator(`[data-ts="${ts}"]`));
  await page.getByRole('menuitem', { name: 'Look at it' }).click();
  const modal = page.getByRole('dialog', { name: 'Settings' });
  const name = modal.getByRole('textbox', { name: 'Name' });
  await name.waitFor();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('INPUT');
  await modal.getByRole('button', { name: 'Save' }).click();
  await modal.getByText('Please complete this required field.').waitFor();
  await name.fill('ab');
  expect(await modal.getByText('Please complete').count()).toBe(0);
  await name.press('Enter');
  await modal.getByText('Please write at least 3 characters.').waitFor();
  await name.fill('taken');
  await modal.getByRole('checkbox', { name: 'A bug' }).uncheck();
  await name.press('Enter');
  await modal.getByText('That name is taken.').waitFor();
  expect(await name.getAttribute('aria-invalid')).toBe('true');
  expect(await findBarriers(page)).toEqual([]);
  await modal.getByRole('button', { name: 'Details' }).click();
  const details = page.getByRole('dialog', { name: 'Details' });
  await details.getByRole('button', { name: 'Back' }).click();
  expect(await name.inputValue()).toBe('taken');
  await name.fill('free');
  await modal.getByRole('button', { name: 'Save' }).click();
  await modal.waitFor({ state: 'detached' });
  expect(submitted).toEqual([
    ['taken', 0],
    ['free', 0],
  ]);
});

test('the Home tab of the app is opened, and what is on it is pressed', async () => {
  const heard: unknown[] = [];
  const { open } = await startWorkspace({
    listen(app) {
      app.event('app_home_opened', async ({ event, client }) => {
        const blocks = [
          { type: 'header', text: plain('At home') },
          {
            type: 'actions',
            elements: [{ type: 'button', text: plain('Start'), action_id: 'start', value: '1' }],
          },
        ];
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: blocks as never },
        });
      });
      listenToActions(app, heard);
    },
  });
  const page = await open();
  await page.getByRole('button', { name: 'simbot' }).click();
  await page.getByRole('heading', { name: 'At home' }).waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect.poll(() => heard).toEqual([['start', '1']]);
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Messages' }).click();
  await page.getByText('This is the very beginning of simbot.').waitFor();
  await page.reload();
  await page.getByRole('tab', { name: 'Messages', selected: true }).waitFor();
});

test('what happens underneath is shown and used, and what goes wrong is said', async () => {
  const pressed: unknown[] = [];
  let isSlow = false;
  const listeners = new Set<() => void>();
  const { app, channel, open } = await startWorkspace({
    page: {
      backstage: {
        banner: 'Nothing here is real.',
        state: () => ({
          sections: [
            {
              title: 'A machine',
              facts: [{ label: 'Pace', value: isSlow ? 'slow' : 'quick' }],
              controls: [
                { kind: 'button', id: 'kill', label: 'Kill it', tone: 'danger' },
                {
                  kind: 'choice',
                  id: 'pace',
                  label: 'Pace',
                  value: isSlow ? 'slow' : 'quick',
                  options: ['quick', 'slow'].map((value) => ({ value, label: `be ${value}` })),
                },
                {
                  kind: 'number',
                  id: 'rate',
                  label: 'A minute',
                  value: 5,
                  min: 1,
                  max: 60,
                  step: 1,
                },
              ],
            },
          ],
        }),
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        async press(id, value) {
          pressed.push([id, value]);
          if (id === 'kill') throw new Error('It is dead already.');
          if (id === 'pace') isSlow = value === 'slow';
          for (const listener of listeners) listener();
        },
      },
    },
  });
  const page = await open();
  await page.getByRole('note').getByText('Nothing here is real.').waitFor();
  await page.getByRole('button', { name: 'Behind the scenes' }).click();
  const machine = page.getByRole('region', { name: 'A machine' });
  await machine.getByRole('button', { name: 'Kill it' }).click();
  await page.getByRole('alert').getByText('It is dead already.').waitFor();
  await machine.getByRole('combobox', { name: 'Pace' }).selectOption('slow');
  await machine.getByRole('definition').getByText('slow').waitFor();
  await machine.getByRole('spinbutton', { name: 'A minute' }).fill('30');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => pressed)
    .toEqual([
      ['kill', undefined],
      ['pace', 'slow'],
      ['rate', '30'],
    ]);
  await app.client.reactions
    .add({ channel, timestamp: '1700000000.000100', name: 'eyes' })
    .catch(() => {});
  const calls = page.getByRole('region', { name: 'Calls of the app' });
  await calls.getByText('reactions.add message_not_found').waitFor();
});

test('the blocks of the Home tab keep their width on every screen', async () => {
  const { open } = await startWorkspace({
    listen: (app) =>
      app.event('app_home_opened', async ({ event, client }) => {
        const text = plain('many words '.repeat(60));
        const blocks = [{ type: 'section' as const, text }];
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
      }),
  });
  const page = await open();
  await page.getByRole('button', { name: 'simbot' }).click();
  const section = page.locator('.home .block-section');
  for (const width of [1280, 1680, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    await section.waitFor();
    expect([width, (await section.boundingBox())?.width]).toEqual([width, 700]);
  }
});
