import type { ChannelIds } from '../jobs/intake/former-ids.ts';

/** Where Slack's events, commands and interactions, and the bot's own buttons, name a channel. */
const NAMED_BY = new Set(['channel', 'channel_id', 'id', 'value', 'block_id']);

/** The target in the `block_id` of a card's buttons. */
const TARGET = /^(about-)([A-Z0-9]+)(-.*)$/;

/** Puts the present ids of channels in place of former ones in something that comes from Slack. */
export function translateFormerIds<T>(body: T, channelIds: ChannelIds): T {
  if (channelIds.isEmpty) return body;
  const translate = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      if (!NAMED_BY.has(key)) return value;
      const [, before = '', id = '', after = ''] = TARGET.exec(value) ?? [];
      return id ? `${before}${channelIds.current(id)}${after}` : channelIds.current(value);
    }
    if (Array.isArray(value)) return value.map((item) => translate(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, translate(item, name)]),
    );
  };
  return translate(body, '') as T;
}
