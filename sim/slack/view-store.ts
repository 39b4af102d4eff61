// Stores the open modals and Home tabs, renders them for the app, and applies the app's answers to
// submissions.
import { createHash } from 'node:crypto';
import type { BlockCheck } from './block-kit/validate.ts';
import { isObject, type JsonObject, type SimView } from './types.ts';
import type { Workspace } from './workspace.ts';

/** A view as an app reads it. */
export function renderView(
  stored: SimView,
  world: Workspace,
  state: JsonObject = { values: {} },
): JsonObject {
  return {
    callback_id: '',
    private_metadata: '',
    external_id: '',
    title: { type: 'plain_text', text: 'View Title', emoji: true },
    close: null,
    submit: null,
    clear_on_close: false,
    notify_on_close: false,
    ...stored.view,
    id: stored.id,
    team_id: world.teamId,
    app_id: world.appId,
    // bolt-js#1720: the id of the Enterprise Grid when the app is installed on the whole of it.
    app_installed_team_id: world.orgInstall ? world.enterpriseId : world.teamId,
    bot_id: world.botId,
    hash: stored.hash,
    state,
    root_view_id: stored.rootViewId,
    previous_view_id: stored.previousViewId,
  };
}

export function makeHash(ts: string, view: JsonObject): string {
  return `${ts.split('.')[0]}.${createHash('sha1')
    .update(ts + JSON.stringify(view))
    .digest('hex')
    .slice(0, 8)}`;
}

export function storeModal(
  world: Workspace,
  user: string,
  view: JsonObject,
  place: {
    id?: string;
    previous?: SimView | undefined;
    root?: string;
    previousViewId?: string | null;
  } = {},
): SimView {
  const id = place.id ?? world.newId('V');
  const stored: SimView = {
    id,
    kind: 'modal',
    user,
    hash: makeHash(world.nextTs(), view),
    view,
    rootViewId: place.root ?? place.previous?.rootViewId ?? id,
    previousViewId: place.previousViewId ?? place.previous?.id ?? null,
  };
  world.views.set(id, stored);
  world.notify();
  return stored;
}

/** Whether errors name anything but inputs of the view: Slack then reports trouble connecting. */
export function hasStrayErrors(view: JsonObject, answer: unknown): boolean {
  if (!isObject(answer) || answer.response_action !== 'errors') return false;
  const blocks = Array.isArray(view.blocks) ? view.blocks.filter(isObject) : [];
  const inputs = new Set(blocks.filter(({ type }) => type === 'input').map((b) => b.block_id));
  const errors = isObject(answer.errors) ? Object.keys(answer.errors) : [];
  return errors.length === 0 || errors.some((block) => !inputs.has(block));
}

/** Applies the app's answer to a submission; an empty answer closes the view. */
export function applyViewAnswer(
  world: Workspace,
  blocks: BlockCheck,
  stored: SimView,
  answer: JsonObject,
): void {
  switch (answer.response_action) {
    case 'errors':
      return;
    case 'update':
      storeModal(world, stored.user, blocks.view(answer.view, 'modal'), {
        id: stored.id,
        root: stored.rootViewId,
        previousViewId: stored.previousViewId,
      });
      return;
    case 'push':
      storeModal(world, stored.user, blocks.view(answer.view, 'modal'), { previous: stored });
      return;
    case 'clear':
      for (const view of [...world.views.values()]) {
        if (view.rootViewId === stored.rootViewId) world.views.delete(view.id);
      }
      world.notify();
      return;
    default:
      world.views.delete(stored.id);
      world.notify();
  }
}
