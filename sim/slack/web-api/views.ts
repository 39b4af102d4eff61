import { ApiError, type JsonObject, type SimView } from '../types.ts';
import { makeHash, renderView, storeModal } from '../view-store.ts';
import { readText, requireText } from './arguments.ts';
import type { MethodContext } from './context.ts';

const MAX_STACK = 3;
/** https://docs.slack.dev/reference/methods/views.publish, November 2026: "greater than 250kb". */
const MAX_VIEW_BYTES = 250_000;

/** The view with block ids filled in. Throws invalid_arguments, view_too_large, duplicate_external_id. */
function checkView(
  { args, blocks, world }: MethodContext,
  kind: SimView['kind'],
  known?: SimView,
): JsonObject {
  const view = blocks.view(args.view, kind);
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES)
    throw new ApiError('view_too_large');
  const { external_id: externalId } = view;
  const others = [...world.views.values(), ...world.homes.values()].filter(
    ({ id }) => id !== known?.id,
  );
  if (externalId && others.some((other) => other.view.external_id === externalId)) {
    throw new ApiError('duplicate_external_id');
  }
  return view;
}

export function openView(context: MethodContext): JsonObject {
  const { args, world } = context;
  const view = checkView(context, 'modal');
  const user = context.interactions.takeTrigger(requireText(args, 'trigger_id'));
  return { view: renderView(storeModal(world, user, view), world) };
}

export function pushView(context: MethodContext): JsonObject {
  const { args, world } = context;
  const view = checkView(context, 'modal');
  const user = context.interactions.takeTrigger(requireText(args, 'trigger_id'));
  const stack = [...world.views.values()].filter((v) => v.kind === 'modal' && v.user === user);
  const previous = stack[stack.length - 1];
  if (!previous) throw new ApiError('not_found');
  if (stack.length >= MAX_STACK) throw new ApiError('push_limit_reached');
  return { view: renderView(storeModal(world, user, view, { previous }), world) };
}

export function updateView(context: MethodContext): JsonObject {
  const { args, world } = context;
  const id = readText(args, 'view_id');
  const externalId = readText(args, 'external_id');
  const known = [...world.views.values(), ...world.homes.values()].find(
    (v) => v.id === id || (externalId !== undefined && v.view.external_id === externalId),
  );
  if (!known) throw new ApiError('not_found');
  const view = checkView(context, known.kind, known);
  const hash = readText(args, 'hash');
  if (hash !== undefined && hash !== known.hash) throw new ApiError('hash_conflict');
  const next: SimView = { ...known, view, hash: makeHash(world.nextTs(), view) };
  if (known.kind === 'home') world.homes.set(known.user, next);
  else world.views.set(known.id, next);
  world.notify();
  return { view: renderView(next, world) };
}

export function publishView(context: MethodContext): JsonObject {
  const { args, world } = context;
  const user = requireText(args, 'user_id');
  if (!world.users.has(user)) throw new ApiError('user_not_found');
  const known = world.homes.get(user);
  const view = checkView(context, 'home', known);
  const hash = readText(args, 'hash');
  if (hash !== undefined && hash !== known?.hash) throw new ApiError('hash_conflict');
  const id = known?.id ?? world.newId('V');
  const stored: SimView = {
    id,
    kind: 'home',
    user,
    hash: makeHash(world.nextTs(), view),
    view,
    rootViewId: id,
    previousViewId: null,
  };
  world.homes.set(user, stored);
  world.notify();
  return { view: renderView(stored, world) };
}
