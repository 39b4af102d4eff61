import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { SimView } from '../../sim/slack/types.ts';
import { FORGET_SHORTCUT } from '../../src/slack/blocks/actions.ts';
import type { Stage, StageOptions } from '../harness.ts';
import { type People, startPeople } from '../people/stage.ts';

/** Admins who make the bot forget, and what is left then. */

export interface Admins extends People {
  /** An admin of the workspace, who is in the channel. */
  admin: string;
}

/** Ana, who writes these texts, with an admin beside her. */
export async function startAdmins(texts: string[], options?: StageOptions): Promise<Admins> {
  const people = await startPeople(texts, options);
  const admin = people.slack.addUser({ name: 'ada', isAdmin: true });
  people.slack.join(people.channel, admin);
  await people.slack.idle();
  return Object.defineProperties({ admin }, Object.getOwnPropertyDescriptors(people)) as Admins;
}

/** What somebody does that opens a modal. Resolves with it. */
async function opened({ slack }: Stage, act: () => Promise<unknown>): Promise<SimView> {
  const before = new Set(slack.views.map(({ id }) => id));
  await act();
  return slack.waitFor(() => slack.views.find(({ id }) => !before.has(id)));
}

/** *Forget this message*. Resolves with the modal that it opens. */
export const askToForget = (stage: Stage, user: string, ts: string): Promise<SimView> =>
  opened(stage, () =>
    stage.slack.shortcut({ callbackId: FORGET_SHORTCUT, user, channel: stage.channel, ts }),
  );

/** `forget @person`, as Slack sends it. Resolves with the modal that it opens. */
export const askToForgetPerson = (stage: Stage, user: string, person: string): Promise<SimView> =>
  opened(stage, () => stage.type(`forget <@${person}|name>`, { user }));

export async function confirm(
  stage: Stage,
  { id, user }: SimView,
  byName?: boolean,
): Promise<void> {
  const values: Record<string, Record<string, unknown>> = byName === undefined
    ? {}
    : { by_name: { by_name_too: byName ? ['yes'] : [] } };
  expect(await stage.slack.submitView({ viewId: id, user, values })).toMatchObject({ acked: true });
}

/** Asks for it, confirms it and waits until it is done. */
export async function forgetMessage(people: Admins, ts: string): Promise<void> {
  await confirm(people, await askToForget(people, people.admin, ts));
  await people.rest();
}

export async function forgetPerson(people: Admins, person: string): Promise<void> {
  await confirm(people, await askToForgetPerson(people, people.admin, person));
  await people.rest();
}

/** Everything that the files in a folder hold, byte for byte, as characters that can be looked for. */
export const bytesIn = (directory: string | undefined): string =>
  readdirSync(directory ?? '', { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => readFileSync(path.join(parentPath, name)).toString('latin1'))
    .join('\n');

/** Those of some words that the files hold, in any of these ways to write them. */
export function listLeft(bytes: string, words: string[]): string[] {
  const spellings = (word: string) => [
    word,
    word.toLowerCase(),
    JSON.stringify(word).slice(1, -1),
    // As JSON with nothing but ASCII in it.
    [...word]
      .map((one) =>
        one < '\u0080' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      .join(''),
  ];
  return words.filter((word) =>
    spellings(word).some((one) => bytes.includes(Buffer.from(one, 'utf8').toString('latin1'))),
  );
}
