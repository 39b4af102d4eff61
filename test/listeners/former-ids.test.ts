import { describe, expect, test } from 'vitest';
import { ChannelIds } from '../../src/jobs/intake/former-ids.ts';
import { translateFormerIds } from '../../src/listeners/former-ids.ts';

/** Former ids of channels are translated wherever Slack, or a button of the bot's, names a channel. */

function idsOf(...changes: [string, string][]): ChannelIds {
  const ids = new ChannelIds();
  ids.replaceAll(changes.map(([former, id]) => ({ former, id, changed_at: 0 })));
  return ids;
}

const IDS = idsOf(['C0OLD', 'C0NEW'], ['C0OLDER', 'C0NEW']);

describe('translated', () => {
  test.each<[string, object, object]>([
    ['an event', { event: { channel: 'C0OLD' } }, { event: { channel: 'C0NEW' } }],
    [
      'a reaction',
      { event: { item: { channel: 'C0OLDER', ts: '1.2' } } },
      { event: { item: { channel: 'C0NEW', ts: '1.2' } } },
    ],
    ['a rename', { event: { channel: { id: 'C0OLD' } } }, { event: { channel: { id: 'C0NEW' } } }],
    ['a command', { channel_id: 'C0OLD' }, { channel_id: 'C0NEW' }],
    [
      'a button of a card, and where it was pressed',
      {
        container: { channel_id: 'C0OLD' },
        actions: [{ block_id: 'about-C0OLD-1700000000.000100' }],
      },
      {
        container: { channel_id: 'C0NEW' },
        actions: [{ block_id: 'about-C0NEW-1700000000.000100' }],
      },
    ],
    ['a button of the offer', { actions: [{ value: 'C0OLD' }] }, { actions: [{ value: 'C0NEW' }] }],
  ])('%s', (_, body, translated) => {
    expect(translateFormerIds(body, IDS)).toEqual(translated);
  });
});

describe('left as it is', () => {
  test.each<[string, object]>([
    ['what people write', { event: { channel: 'C0NEW', text: 'C0OLD', user: 'U0ANA' } }],
    ['the change itself', { event: { old_channel_id: 'C0OLD', new_channel_id: 'C0NEW' } }],
    ['other channels', { event: { channel: 'C0OTHER' } }],
    ['a theme', { actions: [{ block_id: 'about-theme-12' }] }],
    ['what is no text', { event: { channel: null, id: 7, value: [1, null, true] } }],
  ])('%s', (_, body) => {
    expect(translateFormerIds(body, IDS)).toEqual(body);
  });

  test('everything, while no channel ever had another id', () => {
    const body = { event: { channel: 'C0OLD' } };
    expect(translateFormerIds(body, idsOf())).toBe(body);
  });
});
