// The control plane: another process drives the workspace with JSON requests under /sim/.
import { z } from 'zod';
import type { AppActions } from './interactions.ts';
import type { People } from './people.ts';
import type { JsonObject } from './types.ts';

const id = z.string().min(1);
const target = { channel: id, ts: id };
const json = z.record(z.string(), z.unknown());

/** The part of the sim that another process can drive. */
export interface Controlled extends People, AppActions {
  state(): JsonObject;
}

type Route = (sim: Controlled, input: unknown) => Promise<JsonObject> | JsonObject;

/** A route whose body must fit `schema`. */
function route<S extends z.ZodType>(
  schema: S,
  run: (sim: Controlled, input: z.infer<S>) => Promise<JsonObject> | JsonObject,
): Route {
  return (sim, input) => run(sim, schema.parse(input));
}

/** Removes undefined keys: zod types optional keys as possibly undefined, the sim wants them absent. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function compact<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>;
}

const ROUTES: Record<string, Route> = {
  'GET /sim/state': (sim) => sim.state(),
  'POST /sim/users': route(
    z.strictObject({
      name: id,
      realName: z.string().optional(),
      tz: z.string().optional(),
      locale: z.string().optional(),
      isBot: z.boolean().optional(),
      isRestricted: z.boolean().optional(),
      isAdmin: z.boolean().optional(),
      teamId: id.optional(),
      enterpriseId: id.optional(),
      isStranger: z.boolean().optional(),
      id: id.optional(),
    }),
    (sim, input) => ({ id: sim.addUser(compact(input)) }),
  ),
  'POST /sim/integrations': route(
    z.strictObject({ name: id, hasUser: z.boolean().optional(), botId: id.optional() }),
    (sim, input) => ({ id: sim.addIntegration(compact(input)) }),
  ),
  'POST /sim/channels': route(
    z.strictObject({
      name: id,
      isPrivate: z.boolean().optional(),
      members: z.array(id).optional(),
      id: id.optional(),
    }),
    (sim, input) => ({ id: sim.addChannel(compact(input)) }),
  ),
  'POST /sim/invite': route(
    z.strictObject({ channel: id, inviter: id, user: id.optional() }),
    (sim, input) => {
      if (input.user === undefined) sim.inviteBot(input.channel, input.inviter);
      else sim.join(input.channel, input.user, input.inviter);
      return {};
    },
  ),
  'POST /sim/post': route(
    z.strictObject({
      channel: id,
      user: id.optional(),
      text: z.string().optional(),
      threadTs: id.optional(),
      broadcast: z.boolean().optional(),
      subtype: z.string().optional(),
      botId: id.optional(),
      username: id.optional(),
      files: z.array(json).optional(),
      attachments: z.array(json).optional(),
      blocks: z.array(json).optional(),
      ts: id.optional(),
      silent: z.boolean().optional(),
    }),
    (sim, input) => ({ ts: sim.post(compact(input)) }),
  ),
  'POST /sim/edit': route(z.strictObject({ ...target, text: z.string() }), (sim, input) => {
    sim.edit(input);
    return {};
  }),
  'POST /sim/posting': route(
    z.strictObject({
      channel: id,
      limit: z.enum(['preference', 'general', 'read_only', 'thread_only', 'no_threads']).optional(),
    }),
    (sim, { channel, limit }) => {
      sim.limitPosting(channel, limit);
      return {};
    },
  ),
  'POST /sim/broadcast': route(z.strictObject(target), (sim, input) => {
    sim.broadcast(input);
    return {};
  }),
  'POST /sim/delete': route(z.strictObject(target), (sim, input) => {
    sim.delete(input);
    return {};
  }),
  'POST /sim/react': route(z.strictObject({ ...target, user: id, name: id }), (sim, input) => {
    sim.react(input);
    return {};
  }),
  'POST /sim/unreact': route(z.strictObject({ ...target, user: id, name: id }), (sim, input) => {
    sim.unreact(input);
    return {};
  }),
  'POST /sim/command': route(
    z.strictObject({ command: id, text: z.string().optional(), user: id, channel: id }),
    async (sim, input) => ({ ...(await sim.command(compact(input))) }),
  ),
  'POST /sim/click': route(
    z.strictObject({
      user: id,
      actionId: id,
      channel: id.optional(),
      ts: id.optional(),
      value: z.string().optional(),
      selectedOption: z.string().optional(),
      ephemeral: z.union([z.string(), z.boolean()]).optional(),
      viewId: id.optional(),
      home: z.boolean().optional(),
    }),
    async (sim, input) => ({ ...(await sim.click(compact(input))) }),
  ),
};

/** Answers a control request. A bad one gets a 400 that says what is wrong. */
export async function handleControl(
  sim: Controlled,
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; body: JsonObject }> {
  const name = `${method} ${path}`;
  const found = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (!found) {
    return {
      status: 404,
      body: { error: `There is no ${name}. There are: ${Object.keys(ROUTES).join(', ')}.` },
    };
  }
  let input: unknown;
  try {
    input = body === '' ? {} : JSON.parse(body);
  } catch {
    return { status: 400, body: { error: 'The body is not JSON.' } };
  }
  try {
    return { status: 200, body: await found(sim, input) };
  } catch (error) {
    if (error instanceof z.ZodError)
      return { status: 400, body: { error: z.prettifyError(error) } };
    if (error instanceof Error) return { status: 400, body: { error: error.message } };
    throw error;
  }
}
