import { z } from 'zod';
import { TS_PATTERN } from '../../core/timestamps.ts';
import type { Context } from '../../jobs/context.ts';
import { FORGET_SHORTCUT } from '../../slack/blocks/actions.ts';
import { renderForgetWords } from '../../slack/blocks/privacy/forget.ts';
import { findPostByTs } from '../../store/delivery/posts.ts';
import { findCardMessage } from '../../store/people/flags.ts';
import { drawForgetMessage } from '../modals/forget.ts';
import type { Register } from '../tools.ts';

/** *Forget this message*: on a message or a reply; on a card, the message that it shows. */
export const registerForget: Register = (app, { context, show }) => {
  app.shortcut(FORGET_SHORTCUT, async ({ shortcut, ack, respond }) => {
    const view = await onForget(context, shortcut);
    await ack();
    await show('views.open', { trigger_id: shortcut.trigger_id, view }, respond);
  });
};

const shortcutSchema = z.looseObject({
  user: z.looseObject({ id: z.string() }),
  channel: z.looseObject({ id: z.string() }),
  message: z.looseObject({ ts: z.string().regex(TS_PATTERN), bot_id: z.string().nullish() }),
});

const NO_FEEDBACK =
  'I have posted this myself. Use the menu of the message that it is about: what I have posted follows.';

/** @returns the modal */
async function onForget(context: Context, shortcut: unknown): Promise<object> {
  const { user, channel, message } = shortcutSchema.parse(shortcut);
  const place = { user: user.id, channel: channel.id };
  if (message.bot_id !== context.workspace.self.botId) {
    return drawForgetMessage(context, { ...place, ts: message.ts });
  }
  const post = await findPostByTs(context.db, channel.id, message.ts);
  if (post?.metadata.event_type !== 'winnow_card') return renderForgetWords('message', NO_FEEDBACK);
  const { key, ts } = post.metadata.event_payload;
  const shown = (await findCardMessage(context.db, channel.id, key)) ?? ts ?? '';
  return drawForgetMessage(context, { ...place, ts: shown });
}
