import { expect } from 'vitest';
import { drawHomes } from '../../src/jobs/home/draw.ts';
import { ACTIONS, formatTarget } from '../../src/slack/blocks/actions.ts';
import type { Stage } from '../harness.ts';
import { type Action, type People, words } from './stage.ts';

/** The Home tab as people see it, and what they do in it. */

interface Block {
  type: string;
  block_id: string;
  elements?: {
    action_id?: string;
    text?: { text: string };
    options?: { text: { text: string }; value: string }[];
  }[];
}

/** Opens it, and says what it shows. */
export async function openHome(stage: Stage, user: string): Promise<string> {
  stage.slack.openHome(user);
  await stage.slack.idle();
  await drawHomes(stage.context);
  return shownHome(stage, user);
}

export const homeBlocks = ({ slack }: Stage, user: string) =>
  (slack.home(user)?.view.blocks ?? []) as Block[];

export const shownHome = (stage: Stage, user: string) => words(homeBlocks(stage, user));

/** What a button says, or the options of a select. */
export function labelsAtHome(stage: Stage, user: string, actionId: string): string[] {
  const elements = homeBlocks(stage, user).flatMap(({ elements: some }) => some ?? []);
  return elements
    .filter(({ action_id }) => action_id === actionId)
    .flatMap(({ text, options }) => [
      ...(text ? [text.text] : []),
      ...(options ?? []).map((option) => option.text.text),
    ]);
}

/** Presses anything there, and waits until the bot has drawn what has come of it. */
export async function clickHome(
  stage: Stage,
  user: string,
  actionId: string,
  more: { blockId?: string; selectedOption?: string } = {},
): Promise<string> {
  const before = stage.woken.length;
  const answer = await stage.slack.click({ user, home: true, actionId, ...more });
  expect(answer).toMatchObject({ acked: true });
  await stage.waitFor(() => stage.woken.slice(before).includes('home'), { what: actionId });
  await drawHomes(stage.context);
  return shownHome(stage, user);
}

/** Presses a button of a message there. */
export function pressHome(
  people: People,
  user: string,
  ts: string,
  action: Action,
  option?: string,
): Promise<string> {
  const target = formatTarget(people.channel, ts);
  const block = homeBlocks(people, user).find(({ block_id }) => block_id.startsWith(target));
  return clickHome(people, user, ACTIONS[action], {
    ...(block && { blockId: block.block_id }),
    ...(option && { selectedOption: option }),
  });
}
