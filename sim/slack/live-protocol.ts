// The messages between the page and the stand-in over the WebSocket at /live. The page imports only
// the types; the stand-in parses what the page sends.
import { z } from 'zod';
import type { BackstageState, BackstageStep } from './backstage.ts';
import type { PageOptions } from './page-options.ts';
import type { JsonObject, SimEphemeral, SimMessage, SimUser } from './types.ts';

const id = z.string().min(1).max(200);
const typed = z.string().max(40_000);
const place = { channel: id, ts: id };

/** block_id → action_id → the value of an input; null when it is empty. */
const values = z.record(z.string(), z.record(z.string(), z.unknown()));

/** Where a pressed element is. */
const origin = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('message'), ...place }),
  z.strictObject({ kind: z.literal('ephemeral'), channel: id, id }),
  z.strictObject({ kind: z.literal('view'), viewId: id, values: values.optional() }),
  z.strictObject({ kind: z.literal('home'), values: values.optional() }),
]);

const action = z.discriminatedUnion('kind', [
  /** The page acts as this person from now on. */
  z.strictObject({ kind: z.literal('be'), user: id }),
  /** Watches a channel; `upTo` asks for everything from that message on. */
  z.strictObject({ kind: z.literal('watch-channel'), channel: id, upTo: id.optional() }),
  z.strictObject({ kind: z.literal('watch-thread'), ...place, upTo: id.optional() }),
  z.strictObject({ kind: z.literal('leave-thread') }),
  z.strictObject({ kind: z.literal('older'), of: z.enum(['channel', 'thread']) }),
  z.strictObject({
    kind: z.literal('post'),
    channel: id,
    text: typed,
    threadTs: id.optional(),
    broadcast: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('edit'), ...place, text: typed }),
  z.strictObject({ kind: z.literal('delete'), ...place }),
  z.strictObject({ kind: z.literal('react'), ...place, name: id }),
  z.strictObject({ kind: z.literal('unreact'), ...place, name: id }),
  z.strictObject({ kind: z.literal('command'), channel: id, command: id, text: typed }),
  z.strictObject({
    kind: z.literal('press-element'),
    origin,
    blockId: id.optional(),
    actionId: id,
    value: z.string().max(2000).optional(),
    selectedOption: z.union([z.string(), z.number()]).optional(),
    selectedOptions: z.array(z.string()).max(100).optional(),
  }),
  z.strictObject({ kind: z.literal('shortcut'), ...place, callbackId: id }),
  z.strictObject({ kind: z.literal('submit-view'), viewId: id, values }),
  /** `all` also closes the views beneath it. */
  z.strictObject({ kind: z.literal('close-view'), viewId: id, all: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('open-home'), tab: z.enum(['home', 'messages']).optional() }),
  z.strictObject({ kind: z.literal('press-backstage'), id, value: z.string().optional() }),
]);

export const pageRequest = z.strictObject({ id: z.number().int(), action });

export type PageAction = z.infer<typeof action>;
export type PressOrigin = z.infer<typeof origin>;

export type LivePerson = SimUser;
export type LiveMessage = Omit<SimMessage, 'metadata' | 'parse' | 'link_names'>;
export type LiveEphemeral = SimEphemeral;

export interface LiveChannel {
  id: string;
  /** The person's id when the channel is a direct conversation. */
  name: string;
  kind: 'channel' | 'group' | 'im';
  isArchived: boolean;
  isMember: boolean;
  members: number;
  /** The ts of the newest message of its timeline. */
  latest?: string;
}

export interface LiveView {
  id: string;
  hash: string;
  view: JsonObject;
  previousViewId: string | null;
}

/** What changed in the part of a channel or thread that the page watches. */
export interface WindowPatch {
  channel: string;
  /** The thread's parent. */
  thread?: string;
  /** Replaces everything that the page had. */
  reset?: true;
  /** New or changed messages, oldest first. */
  upserts: LiveMessage[];
  removed: string[];
  hasOlder: boolean;
}

export interface LiveCall {
  method: string;
  at: number;
  ok: boolean;
  error?: string;
  status: number;
  retryAfter?: number;
}

/** The app's API calls and connections. */
export interface LiveTraffic {
  /** The latest, oldest first. */
  calls: LiveCall[];
  total: number;
  rateLimited: number;
  sockets: number;
  /** For recently called methods, how many calls of a burst are left. */
  limits: { method: string; left: number; burst: number; aMinute: number }[];
}

export interface LiveHello {
  kind: 'hello';
  teamDomain: string;
  botUserId: string;
  commands: NonNullable<PageOptions['commands']>;
  shortcuts: NonNullable<PageOptions['shortcuts']>;
  banner?: string;
  steps?: readonly BackstageStep[];
}

/** Has only the parts that changed. */
export interface LiveUpdate {
  kind: 'update';
  people?: LivePerson[];
  channels?: LiveChannel[];
  customEmoji?: string[];
  channel?: WindowPatch;
  thread?: WindowPatch;
  ephemerals?: LiveEphemeral[];
  /** The open modals, the topmost last. */
  views?: LiveView[];
  home?: LiveView | null;
  traffic?: LiveTraffic;
  backstage?: BackstageState;
}

export interface LiveAnswer {
  kind: 'answer';
  id: number;
  /** Why it failed, in plain words. */
  error?: string;
  /** What is wrong with a submitted view, by block_id. */
  fieldErrors?: Record<string, string>;
  /** The ts of a new post. */
  ts?: string;
}

export type ServerMessage = LiveHello | LiveUpdate | LiveAnswer;
