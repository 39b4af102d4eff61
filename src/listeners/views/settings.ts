import type { ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { SETTINGS } from '../../slack/blocks/actions.ts';
import { onRejudge, onSettingsSaved, sayInModal } from '../modals/settings.ts';
import type { Register } from '../tools.ts';

/** Somebody saves the settings, or accepts the offer to judge messages again. */
export const registerSettingsViews: Register = (app, { context, emit, apologize, show }) => {
  for (const [id, submit] of [
    [SETTINGS.save, onSettingsSaved],
    [SETTINGS.rejudge, onRejudge],
  ] as const) {
    app.view<ViewSubmitAction>(id, async ({ body, ack }) => {
      const { said, then } = await submit(context, body).catch((error: unknown) =>
        sayInModal(body, apologize('btn')(error)),
      );
      await ack(said as ViewResponseAction);
      emit('settings');
      if (then) await show('views.update', { view_id: body.view.id, view: then });
    });
  }
};
