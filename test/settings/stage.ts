import { expect } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import type { ViewValues } from '../../sim/slack/view-state.ts';
import { SETTINGS } from '../../src/slack/blocks/actions.ts';
import type { Stage } from '../harness.ts';
import { words } from '../people/stage.ts';

/** The modal of the settings, as people see it, and what they do in it. */

export const wordsOf = ({ view }: Pick<SimView, 'view'>) => words(view.blocks);

interface Block {
  type: string;
  block_id: string;
  element?: Record<string, unknown>;
}

export const blocksOf = ({ view }: Pick<SimView, 'view'>) => view.blocks as Block[];

/** The ids of its inputs without the change that they show: `days`, `c-bug-name`. */
export const inputsOf = (view: Pick<SimView, 'view'>) =>
  blocksOf(view).flatMap(({ type, block_id }) =>
    type === 'input' ? block_id.replace(/^s\d+-/, '') : [],
  );

/** What stands in an input when the modal is opened. */
export function initial(view: Pick<SimView, 'view'>, field: string): unknown {
  const block = blocksOf(view).find(({ block_id }) => block_id.endsWith(`-${field}`));
  if (!block) throw new Error(`no input ${field}`);
  const { initial_value, initial_time, initial_option, initial_options } = block.element ?? {};
  const chosenOf = (option: unknown) => (option as { value: string }).value;
  if (initial_options) return (initial_options as unknown[]).map(chosenOf);
  return initial_value ?? initial_time ?? (initial_option ? chosenOf(initial_option) : undefined);
}

/** Types `/classify-feedback settings`, and resolves with the modal that opens. */
export async function openSettings(
  { slack, channel, user }: Pick<Stage, 'slack' | 'channel' | 'user'>,
  asker = user,
  where = channel,
): Promise<SimView> {
  const before = new Set(slack.views.map(({ id }) => id));
  const answer = await slack.command({
    command: '/classify-feedback',
    text: 'settings',
    user: asker,
    channel: where,
  });
  expect(answer).toMatchObject({ acked: true });
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** The values of a submission: by the fields' names alone, as `inputsOf` gives them. */
export function values(view: SimView, typed: Record<string, unknown>): ViewValues {
  const ids = blocksOf(view).map(({ block_id }) => block_id);
  return Object.fromEntries(
    Object.entries(typed).map(([field, value]) => {
      const id = ids.find((one) => one.replace(/^s\d+-/, '') === field);
      if (!id) throw new Error(`no input ${field}`);
      return [id, { settings_input: value }];
    }),
  );
}

/** What came of *Save*: what is wrong, field by field; the modal that it became; or it is closed. */
type Submitted =
  | { kind: 'errors'; errors: Record<string, string> }
  | { kind: 'view'; view: SimView }
  | { kind: 'closed' };

export async function submit(
  { slack }: Pick<Stage, 'slack'>,
  view: SimView,
  typed: Record<string, unknown> = {},
): Promise<Submitted> {
  const answer = await slack.submitView({ viewId: view.id, values: values(view, typed) });
  if (!answer.acked) throw new Error(`the modal was not answered: ${answer.error}`);
  const response = answer.response as { errors?: Record<string, string> } | undefined;
  if (response?.errors) {
    const errors = Object.entries(response.errors);
    // Slack shows an error beside an input, and drops one about anything else.
    const ids = blocksOf(view).flatMap((block) => (block.type === 'input' ? block.block_id : []));
    expect(ids).toEqual(expect.arrayContaining(errors.map(([id]) => id)));
    return {
      kind: 'errors',
      errors: Object.fromEntries(errors.map(([id, why]) => [id.replace(/^s\d+-/, ''), why])),
    };
  }
  const after = slack.views.find(({ id }) => id === view.id);
  return after ? { kind: 'view', view: after } : { kind: 'closed' };
}

/** Saves what is fine. Resolves with the modal that it becomes. */
export async function save(
  stage: Pick<Stage, 'slack'>,
  view: SimView,
  typed: Record<string, unknown>,
): Promise<SimView> {
  const submitted = await submit(stage, view, typed);
  if (submitted.kind !== 'view') throw new Error(`not saved: ${JSON.stringify(submitted)}`);
  return submitted.view;
}

/** Saves what comes too late. Resolves with the modal to start over with. */
export async function saveTooLate(
  stage: Pick<Stage, 'slack'>,
  view: SimView,
  typed: Record<string, unknown>,
): Promise<SimView> {
  expect(wordsOf(await save(stage, view, typed))).toMatch(/^Somebody has changed the settings/);
  return stage.slack.waitFor(() =>
    stage.slack.views.find((now) => now.id === view.id && inputsOf(now).length > 0),
  );
}

/** Presses a button in the modal. Resolves with it once it looks different. */
export async function pressIn(
  { slack }: Stage,
  { id, user, hash }: SimView,
  action: keyof typeof SETTINGS,
): Promise<SimView> {
  await slack.click({ user, viewId: id, actionId: SETTINGS[action] });
  return slack.waitFor(() => slack.views.find((view) => view.id === id && view.hash !== hash));
}
