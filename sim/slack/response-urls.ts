// response_url: up to five answers to an interaction within thirty minutes, without a token.
import { randomUUID } from 'node:crypto';
import type { BlockCheck } from './block-kit/validate.ts';
import { addMessage, changeMessage, deleteMessage } from './messages.ts';
import { ApiError, isObject, type JsonObject, type SimEphemeral } from './types.ts';
import { readContent } from './web-api/content.ts';
import type { Workspace } from './workspace.ts';

const MAX_USES = 5;
const LIFETIME_MS = 30 * 60 * 1000;
const MAX_TEXT = 40_000;

/** Where the interaction happened: the message or ephemeral that `replace_original` replaces. */
export interface Origin {
  channel: string;
  user: string;
  messageTs?: string;
  ephemeralId?: string;
}

interface Entry {
  origin: Origin;
  uses: number;
  expires: number;
}

export type AddEphemeral = (ephemeral: Omit<SimEphemeral, 'id' | 'ts'>) => SimEphemeral;

export interface ResponseUrls {
  issue(origin: Origin, kind: 'commands' | 'actions'): string;
  /** Handles a POST to a response_url; returns an HTTP status and a body. */
  receive(path: string, body: string): { status: number; body: JsonObject };
  /** Shows an ack or an answer as an ephemeral message or as one in the channel. */
  show(origin: Origin, answer: JsonObject): void;
  /** Expires all addresses issued so far. */
  expire(): void;
}

export function createResponseUrls(options: {
  world: Workspace;
  blocks: BlockCheck;
  url: string;
  addEphemeral: AddEphemeral;
}): ResponseUrls {
  const { world, blocks, addEphemeral } = options;
  const { now } = world;
  const entries = new Map<string, Entry>();

  const replaceOriginal = (origin: Origin, content: ReturnType<typeof readContent>): boolean => {
    const channel = world.channels.get(origin.channel);
    const { text = '', ...rest } = content;
    if (origin.ephemeralId !== undefined) {
      const at = world.ephemerals.findIndex((e) => e.id === origin.ephemeralId);
      const old = world.ephemerals[at];
      if (!old) return false;
      const { blocks: _blocks, attachments: _attachments, ...bare } = old;
      world.ephemerals[at] = { ...bare, ...rest, text };
      return true;
    }
    const message =
      origin.messageTs === undefined ? undefined : channel?.store.get(origin.messageTs);
    if (!channel || !message || message.bot_id !== world.botId) return false;
    const { blocks: _blocks, attachments: _attachments, ...bare } = message;
    changeMessage(world, channel, message, { ...bare, ...rest, text });
    return true;
  };

  const deleteOriginal = (origin: Origin): void => {
    const at = world.ephemerals.findIndex((e) => e.id === origin.ephemeralId);
    if (at >= 0) world.ephemerals.splice(at, 1);
    const channel = world.channels.get(origin.channel);
    const message = channel?.store.get(origin.messageTs ?? '');
    if (channel && message?.bot_id === world.botId) deleteMessage(world, channel, message);
  };

  const show: ResponseUrls['show'] = (origin, answer) => {
    const isSet = (key: string) => answer[key] === true || answer[key] === 'true';
    if (isSet('delete_original')) {
      deleteOriginal(origin);
      world.notify();
      return;
    }
    const content = readContent({ args: answer, blocks }, MAX_TEXT);
    const channel = world.channels.get(origin.channel);
    if (isSet('replace_original') && replaceOriginal(origin, content)) {
      world.notify();
      return;
    }
    const thread = typeof answer.thread_ts === 'string' ? { thread_ts: answer.thread_ts } : {};
    if (answer.response_type === 'in_channel' && channel) {
      addMessage(world, channel, {
        ts: world.nextTs(),
        text: '',
        ...content,
        subtype: 'bot_message',
        bot_id: world.botId,
        app_id: world.appId,
        ...thread,
      });
    } else {
      addEphemeral({ channel: origin.channel, user: origin.user, text: '', ...content, ...thread });
    }
    world.notify();
  };

  return {
    show,
    issue(origin, kind) {
      const path = `/${kind}/${world.teamId}/${randomUUID()}`;
      entries.set(path, { origin, uses: 0, expires: now() + LIFETIME_MS });
      return `${options.url}${path}`;
    },
    receive(path, body) {
      const entry = entries.get(path);
      if (!entry) return { status: 404, body: { ok: false, error: 'invalid_url' } };
      if (now() > entry.expires) return { status: 404, body: { ok: false, error: 'expired_url' } };
      if (entry.uses >= MAX_USES) return { status: 404, body: { ok: false, error: 'used_url' } };
      let answer: unknown;
      try {
        answer = JSON.parse(body);
      } catch {
        return { status: 400, body: { ok: false, error: 'invalid_payload' } };
      }
      if (!isObject(answer)) return { status: 400, body: { ok: false, error: 'invalid_payload' } };
      entry.uses += 1;
      try {
        show(entry.origin, answer);
        return { status: 200, body: { ok: true } };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { status: 400, body: { ok: false, error: error.code, ...error.extra } };
      }
    },
    expire() {
      for (const entry of entries.values()) entry.expires = 0;
    },
  };
}
