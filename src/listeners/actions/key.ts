import { KEY } from '../../slack/blocks/actions.ts';
import { renderKeyWords } from '../../slack/blocks/settings/key.ts';
import { onDoneInHome } from '../events/app-home.ts';
import { drawKey, onKeyRemoved } from '../modals/key.ts';
import { openModal } from '../open-modal.ts';
import { type Register, readPlace } from '../tools.ts';

/** The buttons of a hosted bot's API key: open the modal, remove the key. */
export const registerKeyButtons: Register = (app, tools) => {
  const { context, emit, apologize, show } = tools;
  app.action(KEY.open, async ({ body, ack, respond }) => {
    const view = await drawKey(context, body.user.id);
    await ack();
    await openModal(tools, { body, respond }, { view });
  });
  app.action(KEY.remove, async ({ body, ack }) => {
    const { user, modal, hash } = readPlace(body);
    const view = await onKeyRemoved(context, user).catch((error: unknown) =>
      renderKeyWords(apologize('btn', 'the key may still be there')(error)),
    );
    await ack();
    await show('views.update', { view_id: modal, hash, view });
    await onDoneInHome(context, user, undefined);
    emit('home');
  });
};
