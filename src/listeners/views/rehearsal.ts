import type { ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { REHEARSAL } from '../../slack/blocks/actions.ts';
import { renderWords } from '../../slack/blocks/settings/saved.ts';
import { onRehearsalAdopted, onRehearsalBegun } from '../modals/rehearsal.ts';
import { drawSettings, update } from '../modals/settings.ts';
import type { Register } from '../tools.ts';

/** Somebody accepts the price of a rehearsal, or adopts what they have tried. */
export const registerRehearsalViews: Register = (app, { context, emit, apologize, show }) => {
  const sorry = (error: unknown) => update(renderWords(apologize('btn')(error)));
  app.view<ViewSubmitAction>(REHEARSAL.begin, async ({ body, ack }) => {
    const { said } = await onRehearsalBegun(context, body).catch(sorry);
    await ack(said as ViewResponseAction);
    emit('settings');
  });
  app.view<ViewSubmitAction>(REHEARSAL.adopt, async ({ body, ack }) => {
    const failed = apologize('btn', 'nothing was adopted');
    const answer = await onRehearsalAdopted(context, body, failed).catch(sorry);
    const { said, then, adopted } = { adopted: false, ...answer };
    await ack(said as ViewResponseAction);
    emit('settings');
    const { id, root_view_id: root } = body.view;
    if (then) await show('views.update', { view_id: id, view: then });
    if (!adopted || root === id) return;
    // The form below shows what counts now.
    const form = await drawSettings(context, { user: body.user.id });
    if (form.kind === 'modal') await show('views.update', { view_id: root, view: form.view });
  });
};
